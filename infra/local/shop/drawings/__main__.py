"""Draw all pictures anew."""

from infra.local.shop.drawings.gallery import FOLDER, drawn


def main() -> None:
    """Write a file for each product and colour, and remove those of others."""
    pictures = drawn()
    for path in FOLDER.glob("*.svg"):
        if path.name not in pictures:
            path.unlink()
    for name, text in pictures.items():
        (FOLDER / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
