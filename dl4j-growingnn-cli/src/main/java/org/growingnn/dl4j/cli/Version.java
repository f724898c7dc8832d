package org.growingnn.dl4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** Tells the versions of the command and of what it runs on. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        return new String[] {
            "growingnn " + version("org.growingnn", "dl4j-growingnn-cli"),
            "Deeplearning4j " + version("org.deeplearning4j", "deeplearning4j-nn"),
            "Java " + System.getProperty("java.version")
        };
    }

    /** All jars share one manifest in the runnable jar, but each keeps this file of its own. */
    private static String version(String group, String artifact) {
        String path = "/META-INF/maven/" + group + "/" + artifact + "/pom.properties";
        try (InputStream in = Version.class.getResourceAsStream(path)) {
            if (in == null) {
                return "(not from a jar)";
            }
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version", "unknown");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + path + " from the class path.", e);
        }
    }
}
