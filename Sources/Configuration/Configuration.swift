// Filled by the change that brings Configuration.
