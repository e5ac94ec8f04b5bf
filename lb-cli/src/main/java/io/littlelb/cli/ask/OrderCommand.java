package io.littlelb.cli.ask;

import io.littlelb.admin.view.OrderView;

/** A command that has the instance do something; it says in a sentence what was done. */
abstract class OrderCommand extends AskCommand {
    OrderCommand(Surroundings surroundings) {
        super(surroundings);
    }

    abstract Route order();

    @Override
    final int show(Instance instance, Screen screen) throws NotAnsweredException {
        Instance.Told<OrderView> told = instance.ask(order(), OrderView.class);
        if (!screen.showsAsItCame(told.json())) {
            screen.whole(told.view().text());
        }
        return told.view().done() ? DONE : NOT_SERVED;
    }
}
