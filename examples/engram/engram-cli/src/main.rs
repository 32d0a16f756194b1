//! `engram`: starts the server, asks how it is, and puts a known load on it.

mod http;
mod server;

use std::process::ExitCode;

const HELP: &str = "Usage:
  engram start [--bind ADDRESS] [--http-port PORT]     run the server
  engram status [--json] [--url URL]                   exits with 1 where the server is down
  engram load --operations N [--json] [--url URL]      store and recall N times each; tells what they took

Defaults: --bind 127.0.0.1, --http-port 7432, --url http://127.0.0.1:7432";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let known = match args.first().map(String::as_str) {
        Some("start") => vec!["--bind", "--http-port"],
        Some("status") => vec!["--json", "--url"],
        Some("load") => vec!["--operations", "--json", "--url"],
        Some("--help" | "-h" | "help") => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        _ => return usage("say what to do"),
    };
    if let Some(odd) = args
        .iter()
        .find(|arg| arg.starts_with("--") && !known.contains(&arg.as_str()))
    {
        return usage(&format!("unknown option {odd}"));
    }
    let option = |name: &str| {
        args.iter()
            .position(|arg| arg == name)
            .and_then(|at| args.get(at + 1))
            .cloned()
    };
    let url = option("--url").unwrap_or_else(|| "http://127.0.0.1:7432".to_owned());
    match args[0].as_str() {
        "start" => {
            let bind = option("--bind").unwrap_or_else(|| "127.0.0.1".to_owned());
            let Ok(port) = option("--http-port")
                .unwrap_or_else(|| "7432".to_owned())
                .parse::<u16>()
            else {
                return usage("--http-port: a number up to 65535");
            };
            match server::run(&bind, port) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => fail(&format!("{bind}:{port}: {error}")),
            }
        }
        "status" => match http::get(&url, "/health") {
            Ok((200, body)) => {
                println!(
                    "{}",
                    if args.iter().any(|arg| arg == "--json") {
                        body
                    } else {
                        "engram is up".to_owned()
                    }
                );
                ExitCode::SUCCESS
            }
            Ok((status, _)) => fail(&format!("{url} answers HTTP {status}")),
            Err(error) => fail(&format!("{url} is down: {error}")),
        },
        _ => {
            let Some(operations) = option("--operations").and_then(|n| n.parse::<u64>().ok())
            else {
                return usage("--operations: a number");
            };
            let json = args.iter().any(|arg| arg == "--json");
            match load(&url, operations) {
                Ok((stored, recalled)) => {
                    if json {
                        println!("{{\"store\":{stored},\"recall\":{recalled}}}");
                    } else {
                        println!("{operations} stored, {operations} recalled");
                    }
                    ExitCode::SUCCESS
                }
                Err(problem) => fail(&problem),
            }
        }
    }
}

/// Stores and recalls; gives what the server says that they took, as JSON.
fn load(url: &str, operations: u64) -> Result<(String, String), String> {
    let (mut stored, mut recalled) = (Vec::new(), Vec::new());
    for n in 0..operations {
        let text = format!("load episode{n} about topic{}", n % 10);
        let cue = format!("/api/v1/memories/recall?q=topic{}", n % 10);
        for (answer, wanted, times) in [
            (http::post(url, "/api/v1/memories", &text), 201, &mut stored),
            (http::get(url, &cue), 200, &mut recalled),
        ] {
            match answer {
                Ok((status, body)) if status == wanted => times.push(took(&body)),
                other => return Err(format!("operation {n} failed: {other:?}")),
            }
        }
    }
    Ok((quantiles(stored), quantiles(recalled)))
}

/// Nanoseconds that an answer says.
fn took(body: &str) -> u64 {
    body.split("\"took_ns\":")
        .nth(1)
        .and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next())
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

/// Seconds at P50, P95 and P99, as a JSON object.
fn quantiles(mut times: Vec<u64>) -> String {
    times.sort_unstable();
    let at = |share: f64| {
        let n = ((times.len() as f64 * share).ceil() as usize).max(1);
        times.get(n - 1).copied().unwrap_or(0) as f64 / 1e9
    };
    format!(
        "{{\"operations\":{},\"p50\":{},\"p95\":{},\"p99\":{}}}",
        times.len(),
        at(0.5),
        at(0.95),
        at(0.99)
    )
}

fn usage(problem: &str) -> ExitCode {
    eprintln!("engram: {problem}\n{HELP}");
    ExitCode::from(2)
}

fn fail(problem: &str) -> ExitCode {
    eprintln!("engram: {problem}");
    ExitCode::FAILURE
}
