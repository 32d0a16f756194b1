import { one, type Mutant } from '../mutant.ts';

const server = 'engram-cli/src/server.rs';

export default [
  one(
    'a status command that always exits 0',
    'engram-status',
    'control-passed',
    'engram-cli/src/main.rs',
    'eprintln!("engram: {problem}");\n    ExitCode::FAILURE',
    'eprintln!("engram: {problem}");\n    ExitCode::SUCCESS',
  ),
  one(
    'a server that dies after a second',
    'stack',
    'unstable',
    server,
    '    let background = Arc::clone(&store);',
    '    thread::spawn(|| {\n        thread::sleep(Duration::from_secs(2));\n        std::process::exit(3)\n    });\n    let background = Arc::clone(&store);',
  ),
  one(
    'a server that ends at once',
    'stack',
    'service-exited',
    server,
    '    let store = Arc::new(Store::default());',
    '    if port > 1 {\n        return Err(io::Error::other("no"));\n    }\n    let store = Arc::new(Store::default());',
  ),
  one('a server that does not compile', 'stack', 'build-failed', server, 'pub fn run(', 'pub fn run(x: Nowhere, '),
] satisfies Mutant[];
