//! A weighted graph of episodes and the spread of activation over it.

use std::collections::HashMap;

pub type Id = u64;

/// Links between episodes; a weight is in 0..=1.
#[derive(Default)]
pub struct Graph {
    edges: HashMap<Id, Vec<(Id, f64)>>,
}

impl Graph {
    /// Links two episodes in both directions. A weight outside 0..=1 is brought into it.
    pub fn link(&mut self, a: Id, b: Id, weight: f64) {
        let weight = weight.clamp(0.0, 1.0);
        self.edges.entry(a).or_default().push((b, weight));
        self.edges.entry(b).or_default().push((a, weight));
    }

    /// Spreads one unit of activation from `seeds`, at most `hops` far, each hop weakened by `decay`.
    pub fn spread(&self, seeds: &[Id], hops: usize, decay: f64) -> HashMap<Id, f64> {
        let mut active: HashMap<Id, f64> = seeds.iter().map(|&id| (id, 1.0)).collect();
        let mut front = active.clone();
        for _ in 0..hops {
            let mut next: HashMap<Id, f64> = HashMap::new();
            for (id, level) in &front {
                for (neighbour, weight) in self.edges.get(id).into_iter().flatten() {
                    let gained = level * weight * decay;
                    if gained > 0.01 && active.get(neighbour).is_none_or(|&had| had < gained) {
                        active.insert(*neighbour, gained);
                        next.insert(*neighbour, gained);
                    }
                }
            }
            front = next;
        }
        active
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activation_decays_with_every_hop() {
        let mut graph = Graph::default();
        graph.link(1, 2, 1.0);
        graph.link(2, 3, 1.0);
        let active = graph.spread(&[1], 2, 0.5);
        assert_eq!(active[&1], 1.0);
        assert_eq!(active[&2], 0.5);
        assert_eq!(active[&3], 0.25);
    }

    #[test]
    fn activation_stops_after_the_last_hop() {
        let mut graph = Graph::default();
        graph.link(1, 2, 1.0);
        graph.link(2, 3, 1.0);
        assert!(!graph.spread(&[1], 1, 0.5).contains_key(&3));
    }

    #[test]
    fn weights_are_kept_between_zero_and_one() {
        let mut graph = Graph::default();
        graph.link(1, 2, 7.0);
        assert_eq!(graph.spread(&[1], 1, 1.0)[&2], 1.0);
    }
}
