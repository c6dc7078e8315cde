//! The way to a module of ELMA365 / Brix365, which runs script only.

pub mod push;
