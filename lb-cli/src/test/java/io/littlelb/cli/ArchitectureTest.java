package io.littlelb.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows of docs/architecture.md, held by the build. */
@AnalyzeClasses(packages = "io.littlelb", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule MODULES = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("io.littlelb..")
            .layer("core")
            .definedBy("io.littlelb.core..")
            .layer("linux")
            .definedBy("io.littlelb.linux..")
            .layer("netlink")
            .definedBy("io.littlelb.netlink..")
            .layer("proxy")
            .definedBy("io.littlelb.proxy..")
            .layer("k8s")
            .definedBy("io.littlelb.k8s..")
            .layer("file")
            .definedBy("io.littlelb.file..")
            .layer("admin")
            .definedBy("io.littlelb.admin..")
            .layer("testkit")
            .definedBy("io.littlelb.testkit..")
            .layer("cli")
            .definedBy("io.littlelb.cli..")
            .whereLayer("core")
            .mayNotAccessAnyLayer()
            .whereLayer("linux")
            .mayNotAccessAnyLayer()
            .whereLayer("netlink")
            .mayOnlyAccessLayers("core", "linux")
            .whereLayer("proxy")
            .mayOnlyAccessLayers("core", "linux")
            .whereLayer("k8s")
            .mayOnlyAccessLayers("core")
            .whereLayer("file")
            .mayOnlyAccessLayers("core", "linux")
            .whereLayer("admin")
            .mayOnlyAccessLayers("core")
            .whereLayer("testkit")
            .mayOnlyAccessLayers("core", "linux")
            .whereLayer("testkit")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("cli")
            .mayNotBeAccessedByAnyLayer();

    @ArchTest
    static final ArchRule PACKAGES_OF_THE_CORE = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("io.littlelb.core..")
            .layer("model")
            .definedBy("io.littlelb.core.model..")
            .layer("port")
            .definedBy("io.littlelb.core.port..")
            .layer("plan")
            .definedBy("io.littlelb.core.plan..")
            .layer("loop")
            .definedBy("io.littlelb.core.loop..")
            .layer("news")
            .definedBy("io.littlelb.core.news..")
            .layer("worker")
            .definedBy("io.littlelb.core.worker..")
            .whereLayer("worker")
            .mayNotAccessAnyLayer()
            .whereLayer("model")
            .mayNotAccessAnyLayer()
            .whereLayer("port")
            .mayOnlyAccessLayers("model")
            .whereLayer("news")
            .mayOnlyAccessLayers("model")
            .whereLayer("plan")
            .mayOnlyAccessLayers("model", "port")
            .whereLayer("loop")
            .mayNotBeAccessedByAnyLayer();

    @ArchTest
    static final ArchRule STOREYS_OF_NETLINK = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("io.littlelb.netlink..")
            .layer("wire")
            .definedBy("io.littlelb.netlink.wire..")
            .layer("rtnetlink")
            .definedBy("io.littlelb.netlink.rtnetlink..")
            .layer("arp")
            .definedBy("io.littlelb.netlink.arp..")
            .layer("link")
            .definedBy("io.littlelb.netlink.link..")
            .whereLayer("wire")
            .mayNotAccessAnyLayer()
            .whereLayer("rtnetlink")
            .mayOnlyAccessLayers("wire")
            .whereLayer("arp")
            .mayNotAccessAnyLayer()
            .whereLayer("link")
            .mayNotBeAccessedByAnyLayer();

    @ArchTest
    static final ArchRule THE_WIRE_KNOWS_NO_LOAD_BALANCER = noClasses()
            .that()
            .resideInAPackage("io.littlelb.netlink.wire..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.littlelb.core..");

    @ArchTest
    static final ArchRule PACKAGES_OF_THE_PROXY = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("io.littlelb.proxy..")
            .layer("facade")
            .definedBy("io.littlelb.proxy")
            .layer("tcp")
            .definedBy("io.littlelb.proxy.tcp..")
            .layer("frontend")
            .definedBy("io.littlelb.proxy.frontend..")
            .layer("health")
            .definedBy("io.littlelb.proxy.health..")
            .layer("loop")
            .definedBy("io.littlelb.proxy.loop..")
            .whereLayer("loop")
            .mayNotAccessAnyLayer()
            .whereLayer("health")
            .mayOnlyAccessLayers("loop")
            .whereLayer("frontend")
            .mayOnlyAccessLayers("health", "loop")
            .whereLayer("tcp")
            .mayOnlyAccessLayers("frontend", "health", "loop")
            .whereLayer("facade")
            .mayNotBeAccessedByAnyLayer();

    @ArchTest
    static final ArchRule PACKAGES_OF_THE_ADMIN_SURFACE = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("io.littlelb.admin..")
            .layer("facade")
            .definedBy("io.littlelb.admin")
            .layer("view")
            .definedBy("io.littlelb.admin.view..")
            .layer("http")
            .definedBy("io.littlelb.admin.http..")
            .whereLayer("view")
            .mayNotAccessAnyLayer()
            .whereLayer("http")
            .mayNotAccessAnyLayer()
            .whereLayer("facade")
            .mayNotBeAccessedByAnyLayer();

    @ArchTest
    static final ArchRule WHO_ASKS_LOADS_NOTHING_OF_AN_INSTANCE = noClasses()
            .that()
            .resideInAPackage("io.littlelb.cli.ask..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.littlelb.cli",
                    "io.littlelb.linux..",
                    "io.littlelb.netlink..",
                    "io.littlelb.proxy..",
                    "io.littlelb.k8s..",
                    "io.littlelb.file..",
                    "jnr..",
                    "io.fabric8..");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("io.littlelb.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule THE_CORE_DOES_NO_INPUT_AND_OUTPUT = noClasses()
            .that()
            .resideInAPackage("io.littlelb.core..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.nio.file..", "java.nio.channels..", "jnr..", "io.fabric8..", "picocli..");

    @ArchTest
    static final ArchRule ONLY_ONE_MODULE_KNOWS_KUBERNETES = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.littlelb.core..",
                    "io.littlelb.linux..",
                    "io.littlelb.netlink..",
                    "io.littlelb.proxy..",
                    "io.littlelb.file..",
                    "io.littlelb.admin..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.fabric8..");
}
