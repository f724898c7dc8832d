package org.growingnn.dl4j.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes the stratified slice of MNIST that the repository carries, so that tests and examples need no download. */
@Command(
        name = "MakeMnistSlice",
        mixinStandardHelpOptions = true,
        description = "Writes a seeded, stratified random sample of MNIST as four gzipped IDX files.")
public final class MakeMnistSlice implements Callable<Integer> {

    @Option(names = "--data", required = true, description = "directory with the full MNIST files, or dl4j")
    private Path data;

    @Option(names = "--out", required = true, description = "directory to write to")
    private Path out;

    @Option(names = "--train", description = "number of training digits (default: ${DEFAULT-VALUE})")
    private int train = 8_000;

    @Option(names = "--test", description = "number of test digits (default: ${DEFAULT-VALUE})")
    private int test = 2_000;

    @Option(names = "--seed", description = "seed of the sample (default: ${DEFAULT-VALUE})")
    private long seed = 42;

    /** Creates the command with its default options. */
    public MakeMnistSlice() {}

    /**
     * Runs the command and ends the JVM with its exit code.
     *
     * @param arguments the command line
     */
    public static void main(String... arguments) {
        System.exit(new CommandLine(new MakeMnistSlice()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Mnist mnist = Mnist.find(data);
        Files.createDirectories(out);
        Random random = new Random(seed);
        write(sample("training", mnist.trainDigits(), train, random), Mnist.TRAIN_IMAGES, Mnist.TRAIN_LABELS);
        write(sample("test", mnist.testDigits(), test, random), Mnist.TEST_IMAGES, Mnist.TEST_LABELS);
        return 0;
    }

    private void write(Mnist.Digits digits, String imagesName, String labelsName) throws IOException {
        Path images = out.resolve(imagesName + ".gz");
        IdxFiles.writeImages(images, digits.pixels());
        IdxFiles.writeLabels(out.resolve(labelsName + ".gz"), digits.labels());
        int[] counts = new int[Mnist.CLASSES];
        for (byte label : digits.labels()) {
            counts[label]++;
        }
        System.out.println(images + ": " + digits.size() + " digits, labels 0 to 9: " + Arrays.toString(counts));
    }

    /** Draws digits without replacement, each class in the proportion it has in the whole, in random order. */
    private static Mnist.Digits sample(String name, Mnist.Digits digits, int size, Random random) {
        if (size <= 0 || size > digits.size()) {
            throw new IllegalArgumentException("The number of " + name + " digits (" + size + ") must be between 1 and "
                    + digits.size() + ", the size of the set read.");
        }
        List<List<Integer>> byClass = new ArrayList<>();
        for (int c = 0; c < Mnist.CLASSES; c++) {
            byClass.add(new ArrayList<>());
        }
        for (int i = 0; i < digits.size(); i++) {
            byClass.get(digits.labels()[i]).add(i);
        }
        int[] quota = quotas(byClass.stream().mapToInt(List::size).toArray(), size);
        List<Integer> chosen = new ArrayList<>(size);
        for (int c = 0; c < Mnist.CLASSES; c++) {
            Collections.shuffle(byClass.get(c), random);
            chosen.addAll(byClass.get(c).subList(0, quota[c]));
        }
        Collections.shuffle(chosen, random);

        byte[] pixels = new byte[size * Mnist.FEATURES];
        byte[] labels = new byte[size];
        for (int i = 0; i < size; i++) {
            int example = chosen.get(i);
            System.arraycopy(digits.pixels(), example * Mnist.FEATURES, pixels, i * Mnist.FEATURES, Mnist.FEATURES);
            labels[i] = digits.labels()[example];
        }
        return new Mnist.Digits(pixels, labels);
    }

    /** Shares out the sample over the classes by largest remainder, so that the shares add up to its size. */
    private static int[] quotas(int[] counts, int size) {
        long total = IntStream.of(counts).asLongStream().sum();
        int[] quota = new int[counts.length];
        for (int c = 0; c < counts.length; c++) {
            quota[c] = (int) ((long) counts[c] * size / total);
        }
        int missing = size - IntStream.of(quota).sum();
        IntStream.range(0, counts.length)
                .boxed()
                .sorted(Comparator.comparingLong((Integer c) -> -((long) counts[c] * size % total)))
                .limit(missing)
                .forEach(c -> quota[c]++);
        return quota;
    }
}
