// Filled by the change that brings Netlink.
