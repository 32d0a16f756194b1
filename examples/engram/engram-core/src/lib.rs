//! Engram's core: episodes in three tiers, linked in a weighted graph, recalled by spreading activation.

pub mod graph;
pub mod metrics;
pub mod store;
pub mod tier;

pub use store::{Episode, Recall, Store, StoreError};
pub use tier::Tier;
