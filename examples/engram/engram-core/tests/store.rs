use engram_core::{Store, StoreError, Tier};

#[test]
fn what_is_stored_is_recalled() {
    let store = Store::default();
    store.store("the harbour at dawn").unwrap();
    store.store("a letter about nothing").unwrap();
    let found = store.recall("harbour", 10).unwrap();
    assert_eq!(found[0].episode.text, "the harbour at dawn");
    assert_eq!(found[0].activation, 1.0);
}

#[test]
fn activation_reaches_what_is_linked() {
    let store = Store::default();
    store.store("harbour with boats").unwrap();
    store.store("boats under repair").unwrap();
    let found = store.recall("harbour", 10).unwrap();
    assert_eq!(found.len(), 2);
    assert!(found[1].activation < 1.0);
}

#[test]
fn a_cue_that_matches_nothing_recalls_nothing() {
    assert!(Store::default().recall("nothing", 5).unwrap().is_empty());
}

#[test]
fn an_empty_text_is_refused() {
    let store = Store::default();
    assert_eq!(store.store("  "), Err(StoreError::Empty));
    assert_eq!(store.recall("", 5).unwrap_err(), StoreError::Empty);
    assert!(store.is_empty());
}

#[test]
fn the_oldest_move_down_when_the_hot_tier_is_full() {
    let store = Store::default();
    for n in 0..Tier::Hot.capacity() + 10 {
        store.store(&format!("episode number{n}")).unwrap();
    }
    assert_eq!(store.episodes(Tier::Hot), Tier::Hot.capacity());
    assert_eq!(store.episodes(Tier::Warm), 10);
}

#[test]
fn consolidation_writes_what_is_pending() {
    let store = Store::default();
    store.store("something to write").unwrap();
    std::thread::sleep(std::time::Duration::from_millis(2));
    assert!(store.wal_lag().as_micros() > 0);
    store.consolidate();
    assert!(store.wal_lag().is_zero());
}
