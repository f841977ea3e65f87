// Filled by the change that brings NodeCore.
