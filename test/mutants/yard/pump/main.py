import argparse
import os


def main() -> None:
    parser = argparse.ArgumentParser(prog="pumpd")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--level", default="info")
    print(parser.parse_args(), os.environ["PUMP_POND"])


if __name__ == "__main__":
    main()
