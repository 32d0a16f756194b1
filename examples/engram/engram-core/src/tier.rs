//! Hot, warm and cold: where an episode lives, and how many each tier takes.

use std::fmt;

/// The place of an episode, by how lately it was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tier {
    Hot,
    Warm,
    Cold,
}

impl Tier {
    pub const ALL: [Tier; 3] = [Tier::Hot, Tier::Warm, Tier::Cold];

    /// Episodes that the tier takes before the oldest move down.
    pub fn capacity(self) -> usize {
        match self {
            Tier::Hot => 1_000,
            Tier::Warm => 10_000,
            Tier::Cold => 100_000,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Tier::Hot => "hot",
            Tier::Warm => "warm",
            Tier::Cold => "cold",
        }
    }

    /// The tier below; the cold one has none.
    pub fn below(self) -> Option<Tier> {
        match self {
            Tier::Hot => Some(Tier::Warm),
            Tier::Warm => Some(Tier::Cold),
            Tier::Cold => None,
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_grow_downwards() {
        assert!(Tier::Hot.capacity() < Tier::Warm.capacity());
        assert!(Tier::Warm.capacity() < Tier::Cold.capacity());
    }

    #[test]
    fn the_cold_tier_is_the_last() {
        assert_eq!(Tier::Hot.below(), Some(Tier::Warm));
        assert_eq!(Tier::Cold.below(), None);
    }
}
