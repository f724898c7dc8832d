package org.growingnn.dl4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.graph.util.ComputationGraphUtil;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** Batches that {@code DataSet.save} or {@code MultiDataSet.save} wrote, one in each file, as they are. */
final class SavedBatches implements Batches {

    private static final Set<String> ENDINGS = Set.of("bin", "ds");

    private final List<Path> files;
    private final long examples;
    private final boolean labelled;

    private SavedBatches(List<Path> files, long examples, boolean labelled) {
        this.files = files;
        this.examples = examples;
        this.labelled = labelled;
    }

    /** Tells whether a file is one by its name. */
    static boolean isNamedSo(Path file) {
        return ENDINGS.contains(ImageExamples.ending(file)) && Files.isRegularFile(file);
    }

    /**
     * Opens files, and looks into each of them.
     *
     * @param files the files, in the order of the batches
     */
    static SavedBatches open(List<Path> files) {
        long examples = 0;
        int labelled = 0;
        for (Path file : files) {
            MultiDataSet batch = read(file);
            examples += batch.getFeatures(0).size(0);
            labelled += hasLabels(batch) ? 1 : 0;
        }
        if (labelled != 0 && labelled != files.size()) {
            throw new InputException("Of the " + files.size() + " batches in "
                    + files.get(0).toAbsolutePath().getParent() + ", only " + labelled
                    + " have labels.\nMaybe keep them in a directory of their own?");
        }
        return new SavedBatches(List.copyOf(files), examples, labelled > 0);
    }

    private static boolean hasLabels(MultiDataSet batch) {
        return batch.getLabels() != null && batch.getLabels().length > 0 && batch.getLabels(0) != null;
    }

    private static MultiDataSet read(Path file) {
        byte[] start = Inputs.start(file, "data", 1);
        MultiDataSet batch;
        try {
            if (start.length == 1 && start[0] == 0) {
                // A number of four bytes comes first, of which there are never so many.
                org.nd4j.linalg.dataset.MultiDataSet several = new org.nd4j.linalg.dataset.MultiDataSet();
                several.load(file.toFile());
                batch = several;
            } else {
                DataSet single = new DataSet();
                single.load(file.toFile());
                batch = ComputationGraphUtil.toMultiDataSet(single);
            }
        } catch (Exception e) {
            // What ND4J says of damaged files are exceptions of all kinds.
            throw new InputException(
                    "The batch " + file + " cannot be read: " + e.getMessage()
                            + "\nMaybe it was not written by DataSet.save(…) or MultiDataSet.save(…)?",
                    e);
        }
        if (batch.getFeatures() == null || batch.getFeatures().length == 0 || batch.getFeatures(0) == null) {
            throw new InputException("The batch " + file
                    + " has no features.\nMaybe it was not written by DataSet.save(…) or MultiDataSet.save(…)?");
        }
        return batch;
    }

    @Override
    public int count() {
        return files.size();
    }

    @Override
    public long examples() {
        return examples;
    }

    @Override
    public boolean labelled() {
        return labelled;
    }

    @Override
    public MultiDataSet get(int number) {
        return read(files.get(number));
    }
}
