// Filled by the change that brings Simulation.
