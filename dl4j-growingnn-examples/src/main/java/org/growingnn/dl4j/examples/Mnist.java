package org.growingnn.dl4j.examples;

import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.common.resources.DL4JResources;
import org.deeplearning4j.common.resources.ResourceType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * The MNIST digits, held in memory: rows of 784 pixels from 0 to 1, or {@linkplain #asSeries() series} of 28 steps, with
 * one-hot labels of 10 classes.
 *
 * <p>The data comes from the four classic IDX files, gzipped or not, of any directory: {@link #at(Path)} reads the full
 * set or a part of it, {@link #bundled()} the 8,000 training and 2,000 test digits that the repository carries. An
 * instance never changes and may be shared between threads; iterators and data sets are copies.
 */
public final class Mnist {

    /** The number of pixels, hence features, of a digit. */
    public static final int FEATURES = IdxFiles.PIXELS;

    /** The number of steps of a digit {@linkplain #asSeries() as a series}, and of features of each step. */
    public static final int STEPS = IdxFiles.SIDE;

    /** The number of classes. */
    public static final int CLASSES = IdxFiles.CLASSES;

    /** The value of {@code --data} that stands for {@link #dl4jCache()}. */
    public static final String DL4J = "dl4j";

    static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
    static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
    static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
    static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

    private final Path directory;
    private final Digits train;
    private final Digits test;
    private final boolean series;

    private Mnist(Path directory, Digits train, Digits test, boolean series) {
        this.directory = directory;
        this.train = train;
        this.test = test;
        this.series = series;
    }

    /**
     * Reads the four files of a directory.
     *
     * @param directory where the files are, each with its classic name, with or without the suffix {@code .gz}
     * @return the digits
     * @throws IllegalArgumentException if a file is missing, incomplete or not what its name says
     */
    public static Mnist at(Path directory) {
        return new Mnist(
                directory,
                Digits.read(directory, TRAIN_IMAGES, TRAIN_LABELS),
                Digits.read(directory, TEST_IMAGES, TEST_LABELS),
                false);
    }

    /**
     * Reads the stratified slice that lies in {@code src-test-models/mnist} of the repository.
     *
     * @return 8,000 training and 2,000 test digits
     * @throws IllegalStateException if the repository is neither the working directory nor a parent of it, nor named by
     *     the system property {@code growingnn.repository}
     */
    public static Mnist bundled() {
        return at(Repository.testModels("mnist"));
    }

    /**
     * Reads the full set that DL4J's own {@code MnistDataSetIterator} has downloaded before.
     *
     * @return 60,000 training and 10,000 test digits
     * @throws IllegalStateException if DL4J has not downloaded MNIST on this account
     */
    public static Mnist dl4jCache() {
        // DL4J 1.0.0-M2.1 unpacks the files into the base directory itself, earlier releases into data/MNIST.
        Path base = DL4JResources.getBaseDirectory().toPath();
        Path earlier = base.resolve(ResourceType.DATASET.resourceName()).resolve("MNIST");
        for (Path directory : new Path[] {base, earlier}) {
            if (Files.exists(directory.resolve(TRAIN_IMAGES))) {
                return at(directory);
            }
        }
        throw new IllegalStateException("Neither " + base + " nor " + earlier + " contains " + TRAIN_IMAGES
                + ".\nMaybe DL4J has not downloaded MNIST yet: create a MnistDataSetIterator(128, true, 1) once, and one"
                + " with false, or give a directory with the four files.");
    }

    /**
     * Reads the data that a command-line option names.
     *
     * @param directory the directory to read, {@code dl4j} for {@link #dl4jCache()}, or null for {@link #bundled()}
     * @return the digits
     */
    public static Mnist find(Path directory) {
        if (directory == null) {
            return bundled();
        }
        return directory.toString().equals(DL4J) ? dl4jCache() : at(directory);
    }

    /**
     * Presents every digit as a series for recurrent networks: its rows, from top to bottom, are 28 steps of 28 features.
     * Features have the shape [digits, features, steps], as DL4J's recurrent layers take them by default.
     *
     * @return the same digits, whose iterators and data sets hold series
     */
    public Mnist asSeries() {
        return new Mnist(directory, train, test, true);
    }

    /**
     * Returns the directory the digits were read from.
     *
     * @return the directory
     */
    public Path directory() {
        return directory;
    }

    /**
     * Returns the number of training digits.
     *
     * @return 60,000 for the full set
     */
    public int trainSize() {
        return train.size();
    }

    /**
     * Returns the number of test digits.
     *
     * @return 10,000 for the full set
     */
    public int testSize() {
        return test.size();
    }

    /**
     * Iterates over the training digits in an order that depends on the seed and on the number of the epoch only. The
     * last batch of an epoch may be smaller.
     *
     * @param batch the number of digits per batch
     * @param seed any number
     * @return an iterator that starts its next epoch when it is reset
     */
    public DataSetIterator train(int batch, long seed) {
        return ImageBatches.shuffled(train.pixels(), train.labels(), series, batch, seed);
    }

    /**
     * Iterates over the training digits in the order of the file, for evaluation.
     *
     * @param batch the number of digits per batch
     * @return an iterator
     */
    public DataSetIterator trainInOrder(int batch) {
        return ImageBatches.inOrder(train.pixels(), train.labels(), series, batch);
    }

    /**
     * Iterates over the test digits in the order of the file.
     *
     * @param batch the number of digits per batch
     * @return an iterator
     */
    public DataSetIterator test(int batch) {
        return ImageBatches.inOrder(test.pixels(), test.labels(), series, batch);
    }

    /**
     * Returns all training digits in the order of the file.
     *
     * @return a new data set; 190 MB for the full set
     */
    public DataSet trainSet() {
        return trainInOrder(trainSize()).next();
    }

    /**
     * Returns all test digits in the order of the file.
     *
     * @return a new data set
     */
    public DataSet testSet() {
        return test(testSize()).next();
    }

    Digits trainDigits() {
        return train;
    }

    Digits testDigits() {
        return test;
    }

    /** The digits of one pair of files: 784 bytes and one label each. */
    record Digits(byte[] pixels, byte[] labels) {

        static Digits read(Path directory, String imagesName, String labelsName) {
            Path imagesFile = IdxFiles.locate(directory, imagesName);
            Path labelsFile = IdxFiles.locate(directory, labelsName);
            byte[] pixels = IdxFiles.readImages(imagesFile);
            byte[] labels = IdxFiles.readLabels(labelsFile);
            int images = pixels.length / IdxFiles.PIXELS;
            if (images != labels.length) {
                throw new IllegalArgumentException("The number of images (" + images + ") in " + imagesFile
                        + " must equal the number of labels (" + labels.length + ") in " + labelsFile
                        + ".\nMaybe the two files belong to different sets: fetch both again.");
            }
            return new Digits(pixels, labels);
        }

        int size() {
            return labels.length;
        }
    }
}
