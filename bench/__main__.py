"""Everything that `make bench` measures, one table after the other."""

from bench import filming, identity

if __name__ == "__main__":
    identity.main()
    filming.main()
