//! Episodes and what is done with them.

use crate::graph::{Graph, Id};
use crate::metrics::Histogram;
use crate::tier::Tier;
use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Operations that are counted and timed.
pub const OPERATIONS: [&str; 3] = ["store", "recall", "consolidate"];
const STORE: usize = 0;
const RECALL: usize = 1;
const CONSOLIDATE: usize = 2;

#[derive(Clone, Debug, PartialEq)]
pub struct Episode {
    pub id: Id,
    pub text: String,
    pub tier: Tier,
}

/// An episode that a cue has activated, and how much.
#[derive(Clone, Debug, PartialEq)]
pub struct Recall {
    pub episode: Episode,
    pub activation: f64,
}

#[derive(Debug, PartialEq, Eq)]
pub enum StoreError {
    /// Nothing to store, or to recall by.
    Empty,
    /// Every tier is full.
    Full,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StoreError::Empty => "the text is empty",
            StoreError::Full => "every tier is full",
        })
    }
}

impl std::error::Error for StoreError {}

#[derive(Default)]
struct Inner {
    episodes: HashMap<Id, Episode>,
    order: [VecDeque<Id>; 3],
    words: HashMap<String, Vec<Id>>,
    graph: Graph,
    next: Id,
    unwritten_since: Option<Instant>,
}

/// A memory store that many threads may use.
pub struct Store {
    inner: Mutex<Inner>,
    durations: [Histogram; OPERATIONS.len()],
    errors: [AtomicU64; OPERATIONS.len()],
    spreading: [Histogram; 3],
    consolidated: Mutex<Instant>,
}

impl Default for Store {
    fn default() -> Self {
        Store {
            inner: Mutex::default(),
            durations: Default::default(),
            errors: Default::default(),
            spreading: Default::default(),
            consolidated: Mutex::new(Instant::now()),
        }
    }
}

fn words(text: &str) -> HashSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() > 2)
        .map(str::to_lowercase)
        .collect()
}

impl Store {
    /// Takes an episode in, linked with those that share words with it.
    pub fn store(&self, text: &str) -> Result<Id, StoreError> {
        self.timed(STORE, |inner| {
            if text.trim().is_empty() {
                return Err(StoreError::Empty);
            }
            if inner.episodes.len() >= Tier::ALL.iter().map(|tier| tier.capacity()).sum() {
                return Err(StoreError::Full);
            }
            inner.next += 1;
            let id = inner.next;
            for word in words(text) {
                let others = inner.words.entry(word).or_default();
                let linked: Vec<Id> = others.iter().rev().take(8).copied().collect();
                others.push(id);
                for other in linked {
                    inner.graph.link(id, other, 0.5);
                }
            }
            inner.episodes.insert(
                id,
                Episode {
                    id,
                    text: text.to_owned(),
                    tier: Tier::Hot,
                },
            );
            inner.order[Tier::Hot as usize].push_back(id);
            inner.unwritten_since.get_or_insert_with(Instant::now);
            inner.demote();
            Ok(id)
        })
    }

    /// Episodes that a cue activates, strongest first.
    pub fn recall(&self, cue: &str, limit: usize) -> Result<Vec<Recall>, StoreError> {
        self.timed(RECALL, |inner| {
            let asked = words(cue);
            if asked.is_empty() {
                return Err(StoreError::Empty);
            }
            let seeds: Vec<Id> = asked
                .iter()
                .filter_map(|word| inner.words.get(word))
                .flatten()
                .copied()
                .take(64)
                .collect();
            let mut found: HashMap<Id, f64> = HashMap::new();
            for tier in Tier::ALL {
                let began = Instant::now();
                let of_tier: Vec<Id> = seeds
                    .iter()
                    .filter(|id| inner.episodes.get(id).is_some_and(|e| e.tier == tier))
                    .copied()
                    .collect();
                for (id, level) in inner.graph.spread(&of_tier, 2, 0.6) {
                    let had = found.entry(id).or_default();
                    *had = had.max(level);
                }
                self.spreading[tier as usize].observe(began.elapsed());
            }
            let mut recalled: Vec<Recall> = found
                .into_iter()
                .filter_map(|(id, activation)| {
                    inner.episodes.get(&id).map(|e| Recall {
                        episode: e.clone(),
                        activation,
                    })
                })
                .collect();
            recalled.sort_by(|a, b| {
                b.activation
                    .total_cmp(&a.activation)
                    .then(a.episode.id.cmp(&b.episode.id))
            });
            recalled.truncate(limit);
            Ok(recalled)
        })
    }

    /// Writes what is pending and moves old episodes down.
    pub fn consolidate(&self) {
        let _ = self.timed(CONSOLIDATE, |inner| {
            inner.unwritten_since = None;
            inner.demote();
            Ok(())
        });
        *self.consolidated.lock().unwrap_or_else(|e| e.into_inner()) = Instant::now();
    }

    pub fn len(&self) -> usize {
        self.lock().episodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn episodes(&self, tier: Tier) -> usize {
        self.lock().order[tier as usize].len()
    }

    pub fn wal_lag(&self) -> Duration {
        self.lock()
            .unwritten_since
            .map_or(Duration::ZERO, |since| since.elapsed())
    }

    pub fn since_consolidation(&self) -> Duration {
        self.consolidated
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .elapsed()
    }

    pub(crate) fn spreading(&self, tier: Tier) -> &Histogram {
        &self.spreading[tier as usize]
    }

    pub(crate) fn duration(&self, operation: usize) -> &Histogram {
        &self.durations[operation]
    }

    pub(crate) fn errors(&self, operation: usize) -> u64 {
        self.errors[operation].load(Ordering::Relaxed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn timed<T>(
        &self,
        operation: usize,
        work: impl FnOnce(&mut Inner) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let began = Instant::now();
        let result = work(&mut self.lock());
        self.durations[operation].observe(began.elapsed());
        if result.is_err() {
            self.errors[operation].fetch_add(1, Ordering::Relaxed);
        }
        result
    }
}

impl Inner {
    fn demote(&mut self) {
        for tier in Tier::ALL {
            let Some(below) = tier.below() else { break };
            while self.order[tier as usize].len() > tier.capacity() {
                let Some(id) = self.order[tier as usize].pop_front() else {
                    break;
                };
                if let Some(episode) = self.episodes.get_mut(&id) {
                    episode.tier = below;
                }
                self.order[below as usize].push_back(id);
            }
        }
    }
}
