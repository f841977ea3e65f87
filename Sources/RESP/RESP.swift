// Filled by the change that brings RESP.
