// Filled by the change that brings SentinelDriver.
