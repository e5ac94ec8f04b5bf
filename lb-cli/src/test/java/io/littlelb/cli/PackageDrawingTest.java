package io.littlelb.cli;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Draws which package knows which, from the compiled classes, and holds docs/packages.md to it. {@code -Dpackages.draw=true} draws it anew: what then
 * differs in the page is what has changed in the house.
 */
class PackageDrawingTest {
    private static final Path PAGE = Path.of("..", "docs", "packages.md");
    private static final String ROOT = "io.littlelb.";

    @Test
    void thePageShowsThePackagesAsTheyAre() throws IOException {
        String drawn = page();
        if (Boolean.getBoolean("packages.draw")) {
            Files.writeString(PAGE, drawn);
        }
        assertThat(PAGE)
                .as("drawn anew with -Dtest=PackageDrawingTest -Dpackages.draw=true")
                .hasContent(drawn);
    }

    private static String page() {
        StringBuilder page = new StringBuilder("""
                # The packages, drawn from the classes
                `A --> B`: A knows B. Every drawing is made of storeys, from the top to the ground, and no arrow goes up; `PackageDrawingTest` draws them and fails
                when this page shows something else. Which modules may know each other is in [architecture.md](architecture.md).
                """);
        arrows().forEach((module, packages) -> page.append(drawing(module, packages)));
        return page.toString();
    }

    private static String drawing(String module, SortedMap<String, Set<String>> packages) {
        if (packages.size() == 1) {
            return "\n## lb-" + module + "\nOne package.\n";
        }
        List<List<String>> storeys = storeys(module, packages);
        StringBuilder drawing = new StringBuilder("\n## lb-" + module + "\n```mermaid\nflowchart TD\n");
        for (List<String> storey : storeys) {
            for (String name : storey) {
                String known = String.join(" & ", packages.get(name));
                drawing.append("    ")
                        .append(known.isEmpty() ? name : name + " --> " + known)
                        .append('\n');
            }
        }
        String text = storeys.stream().map(storey -> String.join(", ", storey)).collect(joining(" / "));
        return drawing.append("```\nStoreys: ").append(text).append("\n").toString();
    }

    /** From the top to the ground; a package is on the lowest storey from which all that it knows is below. */
    private static List<List<String>> storeys(String module, SortedMap<String, Set<String>> packages) {
        List<List<String>> storeys = new ArrayList<>();
        Set<String> built = new TreeSet<>();
        while (built.size() < packages.size()) {
            List<String> next = packages.keySet().stream()
                    .filter(name -> !built.contains(name) && built.containsAll(packages.get(name)))
                    .toList();
            assertThat(next)
                    .as("a storey of lb-%s above %s: the rest of %s stands on itself", module, built, packages)
                    .isNotEmpty();
            built.addAll(next);
            storeys.add(0, next);
        }
        return storeys;
    }

    /** Of each module each package, and which of the same module it knows. */
    private static SortedMap<String, SortedMap<String, Set<String>>> arrows() {
        SortedMap<String, SortedMap<String, Set<String>>> modules = new TreeMap<>();
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.littlelb")) {
            if (type.getSimpleName().equals("package-info")) {
                continue;
            }
            Set<String> known = modules.computeIfAbsent(module(type), module -> new TreeMap<>())
                    .computeIfAbsent(room(type), room -> new TreeSet<>());
            type.getDirectDependenciesFromSelf().stream()
                    .map(arrow -> arrow.getTargetClass().getBaseComponentType())
                    .filter(target -> target.getPackageName().startsWith(ROOT))
                    .filter(target ->
                            module(target).equals(module(type)) && !room(target).equals(room(type)))
                    .forEach(target -> known.add(room(target)));
        }
        return modules;
    }

    private static String module(JavaClass type) {
        return path(type).replaceFirst("\\..*", "");
    }

    /** The package within its module; the module's own, which is what others see of it, has the module's name. */
    private static String room(JavaClass type) {
        return path(type).contains(".") ? path(type).substring(path(type).indexOf('.') + 1) : path(type);
    }

    private static String path(JavaClass type) {
        return type.getPackageName().substring(ROOT.length());
    }
}
