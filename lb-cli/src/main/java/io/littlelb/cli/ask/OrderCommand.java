package io.littlelb.cli.ask;

import io.littlelb.admin.view.OrderView;

/** A command that has the instance do something; it says in a sentence what was done. */
abstract class OrderCommand extends AskCommand {
    OrderCommand(Surroundings surroundings) {
        super(surroundings);
    }

    abstract Route order();

    /** Refuses, where there was nothing to do, a name that nothing has. */
    void requireWhatIsNamed(Instance instance) throws NotAnsweredException {}

    @Override
    final int show(Instance instance, Screen screen) throws NotAnsweredException {
        Instance.Told<OrderView> told = instance.ask(order(), OrderView.class);
        if (!told.view().done()) {
            requireWhatIsNamed(instance);
        }
        if (!screen.showsAsItCame(told.json())) {
            screen.whole(told.view().text());
        }
        return told.view().done() ? DONE : NOT_SERVED;
    }
}
