package org.growingnn.dl4j.examples;

import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Iterates over images held as bytes, which it hands out as flat rows of pixels or as series. Every batch is a fresh
 * array, so that several iterators may share the bytes between threads.
 */
final class ImageBatches implements DataSetIterator {

    private static final long serialVersionUID = 1L;
    private static final float[] INTENSITY = new float[256];

    static {
        for (int i = 0; i < INTENSITY.length; i++) {
            INTENSITY[i] = i / 255f;
        }
    }

    private final byte[] pixels;
    private final byte[] labels;
    private final boolean series;
    private final int batch;
    private final boolean shuffled;
    private final long seed;
    private final int[] order;

    private long epoch;
    private int cursor;
    private DataSetPreProcessor preProcessor;

    private ImageBatches(byte[] pixels, byte[] labels, boolean series, int batch, boolean shuffled, long seed) {
        if (batch <= 0) {
            throw new IllegalArgumentException("The batch size (" + batch + ") must be positive.");
        }
        this.pixels = pixels;
        this.labels = labels;
        this.series = series;
        this.batch = batch;
        this.shuffled = shuffled;
        this.seed = seed;
        this.order = IntStream.range(0, labels.length).toArray();
        arrange();
    }

    static ImageBatches inOrder(byte[] pixels, byte[] labels, boolean series, int batch) {
        return new ImageBatches(pixels, labels, series, batch, false, 0);
    }

    static ImageBatches shuffled(byte[] pixels, byte[] labels, boolean series, int batch, long seed) {
        return new ImageBatches(pixels, labels, series, batch, true, seed);
    }

    @Override
    public boolean hasNext() {
        return cursor < order.length;
    }

    @Override
    public DataSet next() {
        return next(batch);
    }

    @Override
    public DataSet next(int count) {
        if (!hasNext()) {
            throw new NoSuchElementException(
                    "All " + order.length + " examples of this epoch have been read: call reset()");
        }
        int size = Math.min(count, order.length - cursor);
        float[] features = new float[size * IdxFiles.PIXELS];
        float[] targets = new float[size * IdxFiles.CLASSES];
        for (int row = 0; row < size; row++) {
            int example = order[cursor + row];
            int from = example * IdxFiles.PIXELS;
            int to = row * IdxFiles.PIXELS;
            for (int p = 0; p < IdxFiles.PIXELS; p++) {
                features[to + p] = INTENSITY[pixels[from + p] & 0xFF];
            }
            targets[row * IdxFiles.CLASSES + labels[example]] = 1f;
        }
        cursor += size;
        INDArray images = matrix(features, size, IdxFiles.PIXELS);
        DataSet data = new DataSet(series ? rowsAsSteps(images) : images, matrix(targets, size, IdxFiles.CLASSES));
        if (preProcessor != null) {
            preProcessor.preProcess(data);
        }
        return data;
    }

    private static INDArray matrix(float[] values, int rows, int columns) {
        return Nd4j.createFromArray(values).reshape('c', rows, columns);
    }

    /** Turns every image into a series of its rows, in DL4J's order of axes: example, feature, step. */
    private static INDArray rowsAsSteps(INDArray images) {
        return images.reshape('c', images.size(0), IdxFiles.SIDE, IdxFiles.SIDE)
                .permute(0, 2, 1)
                .dup('c');
    }

    @Override
    public void reset() {
        // DL4J resets iterators before and after an epoch; only a reset that follows reading starts another epoch.
        if (cursor > 0) {
            cursor = 0;
            epoch++;
            arrange();
        }
    }

    /** Orders the examples of the current epoch from scratch, so that the order depends on seed and epoch alone. */
    private void arrange() {
        if (!shuffled) {
            return;
        }
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        Random random = new Random(seed ^ (epoch * 0x9E3779B97F4A7C15L));
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
    }

    @Override
    public boolean resetSupported() {
        return true;
    }

    @Override
    public boolean asyncSupported() {
        return false;
    }

    @Override
    public int batch() {
        return batch;
    }

    @Override
    public int inputColumns() {
        return series ? IdxFiles.SIDE : IdxFiles.PIXELS;
    }

    @Override
    public int totalOutcomes() {
        return IdxFiles.CLASSES;
    }

    @Override
    public void setPreProcessor(DataSetPreProcessor preProcessor) {
        this.preProcessor = preProcessor;
    }

    @Override
    public DataSetPreProcessor getPreProcessor() {
        return preProcessor;
    }

    @Override
    public List<String> getLabels() {
        return IntStream.range(0, IdxFiles.CLASSES).mapToObj(Integer::toString).toList();
    }
}
