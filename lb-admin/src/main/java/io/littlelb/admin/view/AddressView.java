package io.littlelb.admin.view;

import java.util.List;
import java.util.Optional;

/**
 * One address.
 *
 * @param owner {@code ours} when it carries our mark, {@code host} when it is somebody else's; {@code none} when it is not on the link
 * @param state {@code present}, {@code pending}, {@code tentative}, {@code adopted}, {@code removed}, {@code conflict}, {@code failed}; {@code absent} when it is
 *     not on the link
 * @param detail what a person needs to know of a state that is not well; often empty
 * @param holders the Services that it is given to
 * @param sinceSeconds for how long it has been in this state
 * @param announcedSeconds since the network was last told where it is
 */
public record AddressView(
        String ip,
        String link,
        String owner,
        String state,
        String detail,
        List<String> holders,
        Optional<Double> sinceSeconds,
        Optional<Double> announcedSeconds) {
    public AddressView {
        holders = List.copyOf(holders);
    }
}
