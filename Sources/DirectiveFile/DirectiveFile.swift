// Filled by the change that brings DirectiveFile.
