package org.growingnn.dl4j.cli.report;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Logs of all kinds of runs, by name. */
final class RunFolders {

    static final String HOSTILE = "<script>alert(1)</script>\"'&]]>\u202e\u0000";

    private RunFolders() {}

    static List<String> small() {
        return new SimulatedRun(1, 3, 12).finished();
    }

    static List<String> large() {
        return new SimulatedRun(2, 35, 200).finished();
    }

    static List<String> hostile() {
        return new SimulatedRun(6, 2, 8).withNames(name -> HOSTILE + name).finished();
    }

    static Map<String, List<String>> all() {
        Map<String, List<String>> all = new TreeMap<>();
        all.put("small", small());
        all.put("large", large());
        all.put("failed", new SimulatedRun(3, 2, 9).ended(2, "failed", "java.lang.OutOfMemoryError: <native>"));
        all.put("cancelled at once", new SimulatedRun(3, 2, 9).ended(0, "cancelled", "it was asked to end"));
        all.put("resumed", new SimulatedRun(7, 2, 8).resumed(4));
        all.put("under way", new SimulatedRun(4, 4, 20).underWay(6));
        all.put("in its first generation", new SimulatedRun(4, 4, 20).underWay(0));
        all.put("started", small().subList(0, 1));
        all.put("empty", List.of());
        all.put("error", new SimulatedRun(5, 2, 12).withError().finished());
        all.put("hostile", hostile());
        all.put("deep trees", new SimulatedRun(8, 2, 3).withTreeDepth(7).finished());
        return all;
    }
}
