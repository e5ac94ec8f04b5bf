package io.littlelb.proxy;

/** What a connection takes up of the limits that hold for it. */
record Place(ConnectionLimit ofService, ConnectionLimit ofProcess) {
    /** Gives it back; once. */
    void leave() {
        ofService.leave();
        ofProcess.leave();
    }
}
