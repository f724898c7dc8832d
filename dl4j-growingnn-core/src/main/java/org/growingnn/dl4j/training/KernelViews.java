package org.growingnn.dl4j.training;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.growingnn.dl4j.adapter.Weighing.Patches;
import org.growingnn.dl4j.adapter.Weighing.Window;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.convolution.Convolution;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Arranges what a convolution's kernels see of maps, with zeros where that is outside. Rows of maps are copied as they are, which takes a
 * fraction of the time of ND4J's im2col, and of bringing positions to the front behind it.
 *
 * @param vertical where kernels lie along the height
 * @param horizontal where kernels lie along the width
 * @param channels number of maps of an image
 */
record KernelViews(Along vertical, Along horizontal, int channels) {

    /** Describes maps {@code [images, channels, height, width]}. */
    static KernelViews of(Patches patches, INDArray maps) {
        boolean same = patches.mode() == ConvolutionMode.Same;
        return new KernelViews(
                Along.of(patches.vertical(), maps.size(2), same),
                Along.of(patches.horizontal(), maps.size(3), same),
                Math.toIntExact(maps.size(1)));
    }

    /**
     * How kernels lie along one axis.
     *
     * @param size extent of the maps
     * @param count number of kernels
     * @param padding positions in front of the maps that the first kernel sees; it begins behind their start if negative
     */
    record Along(Window window, int size, int count, int padding) {

        static Along of(Window window, long size, boolean same) {
            int count = Math.toIntExact(Convolution.outputSize(
                    size, window.kernel(), window.stride(), window.padding(), window.dilation(), same));
            long seen = Convolution.effectiveKernelSize(window.kernel(), window.dilation());
            return new Along(
                    window,
                    Math.toIntExact(size),
                    count,
                    same ? Math.toIntExact(((count - 1L) * window.stride() + seen - size) / 2) : window.padding());
        }

        /** Gives what a position of the kernel sees where the first kernel lies. */
        int start(int offset) {
            return offset * window.dilation() - padding;
        }

        /** Counts the kernels of which a position lies in front of the maps. */
        int before(int offset) {
            return Math.min(count, Math.max(0, -Math.floorDiv(start(offset), window.stride())));
        }

        /** Counts the kernels of which a position does not lie behind the maps. */
        int end(int offset) {
            return Math.min(count, Math.max(0, Math.floorDiv(size - 1 - start(offset), window.stride()) + 1));
        }
    }

    int positions() {
        return vertical.count * horizontal.count;
    }

    int features() {
        return channels * vertical.window.kernel() * horizontal.window.kernel();
    }

    /**
     * Arranges what is seen of one image at some positions.
     *
     * @param image {@code [1, channels, height, width]}
     * @param chosen the positions, by rows of kernels
     * @return {@code [positions, features]}, feature by feature in memory
     */
    INDArray rows(INDArray image, int[] chosen) {
        long[] shape = {chosen.length, features()};
        int length = Math.multiplyExact(chosen.length, features());
        try (INDArray own = image.castTo(type(image)).dup('c')) {
            if (image.dataType() == DataType.DOUBLE) {
                double[] values = new double[length];
                copy(own.data().asDouble(), values, chosen);
                return Nd4j.create(values, shape, 'f');
            }
            float[] values = new float[length];
            copy(own.data().asFloat(), values, chosen);
            return Nd4j.create(values, shape, 'f');
        }
    }

    /** Gives the type of what is arranged of maps. */
    static DataType type(INDArray maps) {
        return maps.dataType() == DataType.DOUBLE ? DataType.DOUBLE : DataType.FLOAT;
    }

    /** Copies between two arrays of one type, the second full of zeros. */
    private void copy(Object maps, Object features, int[] chosen) {
        if (chosen.length == positions()) {
            copy(maps, features);
        } else {
            copySome(maps, features, chosen);
        }
    }

    /** Of large maps, few positions are wanted: all of them would take many times the memory. */
    private void copySome(Object maps, Object features, int[] chosen) {
        int target = 0;
        for (int channel = 0; channel < channels; channel++) {
            int map = channel * vertical.size * horizontal.size;
            for (int a = 0; a < vertical.window.kernel(); a++) {
                for (int b = 0; b < horizontal.window.kernel(); b++) {
                    for (int position : chosen) {
                        int row = vertical.start(a) + position / horizontal.count * vertical.window.stride();
                        int column = horizontal.start(b) + position % horizontal.count * horizontal.window.stride();
                        if (row >= 0 && row < vertical.size && column >= 0 && column < horizontal.size) {
                            System.arraycopy(maps, map + row * horizontal.size + column, features, target, 1);
                        }
                        target++;
                    }
                }
            }
        }
    }

    /** Copies all positions, row by row. */
    private void copy(Object maps, Object features) {
        int target = 0;
        for (int channel = 0; channel < channels; channel++) {
            int map = channel * vertical.size * horizontal.size;
            for (int a = 0; a < vertical.window.kernel(); a++) {
                for (int b = 0; b < horizontal.window.kernel(); b++) {
                    int first = horizontal.before(b);
                    int end = horizontal.end(b);
                    int column = horizontal.start(b);
                    int endRow = vertical.end(a);
                    for (int y = vertical.before(a); y < endRow; y++) {
                        int source =
                                map + (vertical.start(a) + y * vertical.window.stride()) * horizontal.size + column;
                        int row = target + y * horizontal.count;
                        if (horizontal.window.stride() == 1 && first < end) {
                            System.arraycopy(maps, source + first, features, row + first, end - first);
                        } else {
                            for (int x = first; x < end; x++) {
                                System.arraycopy(maps, source + x * horizontal.window.stride(), features, row + x, 1);
                            }
                        }
                    }
                    target += positions();
                }
            }
        }
    }
}
