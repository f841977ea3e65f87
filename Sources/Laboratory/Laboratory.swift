// Filled by the change that brings Laboratory.
