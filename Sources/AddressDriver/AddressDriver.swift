// Filled by the change that brings AddressDriver.
