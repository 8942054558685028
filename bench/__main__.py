"""Everything that `make bench` measures, one table after the other."""

from bench import filming, identity, views

if __name__ == "__main__":
    identity.main()
    views.main()
    filming.main()
