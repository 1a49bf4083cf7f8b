//! Containers on Linux behind one trait: Docker Engine, and a fake for simulation.
