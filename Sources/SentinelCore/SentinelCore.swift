// Filled by the change that brings SentinelCore.
