use std::process::Command;

#[test]
fn status_fails_where_the_server_is_down() {
    let output = Command::new(env!("CARGO_BIN_EXE_engram"))
        .args(["status", "--json", "--url", "http://127.0.0.1:1"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn an_unknown_option_is_refused() {
    let output = Command::new(env!("CARGO_BIN_EXE_engram"))
        .args(["status", "--jsno"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}
