package io.littlelb.testkit.net;

import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * Runs each test of a class in a fresh network namespace: its methods, from before to after, on the namespace's own thread. A
 * parameter of type {@link NetworkNamespace} is that namespace.
 */
public final class InNetworkNamespace implements InvocationInterceptor, ParameterResolver {
    private static final ExtensionContext.Namespace STORE = ExtensionContext.Namespace.create(InNetworkNamespace.class);

    @Override
    public void interceptBeforeEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        inside(invocation, context);
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        inside(invocation, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        inside(invocation, context);
    }

    @Override
    public void interceptAfterEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        inside(invocation, context);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == NetworkNamespace.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return namespace(context);
    }

    /** One per test: the store closes it when the test is over. */
    private static NetworkNamespace namespace(ExtensionContext context) {
        return context.getStore(STORE)
                .computeIfAbsent(NetworkNamespace.class, key -> NetworkNamespace.create(), NetworkNamespace.class);
    }

    private static void inside(Invocation<Void> invocation, ExtensionContext context) {
        namespace(context).run(() -> {
            try {
                invocation.proceed();
            } catch (Exception | Error failure) {
                throw failure;
            } catch (Throwable other) {
                throw new IllegalStateException(other);
            }
        });
    }
}
