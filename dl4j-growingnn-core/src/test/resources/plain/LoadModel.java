import java.io.File;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Runs in a process of its own, with Deeplearning4j but without this library on the class path. */
public class LoadModel {

    public static void main(String[] arguments) throws Exception {
        try {
            Class.forName("org.growingnn.dl4j.Dl4jGraphs");
            throw new IllegalStateException("The library is on the class path.");
        } catch (ClassNotFoundException expected) {
            System.out.println("without the library");
        }
        ComputationGraph model = ModelSerializer.restoreComputationGraph(new File(arguments[0]), true);
        DataSet data = new DataSet();
        data.load(new File(arguments[1]));
        INDArray output = model.outputSingle(data.getFeatures());
        for (long i = 0; i < output.length(); i++) {
            System.out.println("output " + output.getFloat(i));
        }
        model.fit(data);
        System.out.println("fitted " + Double.isFinite(model.score()) + " " + model.getIterationCount());
    }
}
