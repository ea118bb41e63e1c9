"""Which drawing shows which product."""

from collections.abc import Callable, Mapping
from pathlib import Path

from infra.local.shop.drawings import clothing, kitchen, living, outing
from infra.local.shop.drawings.easel import COLOURS, picture
from infra.local.shop.goods import products

FOLDER = Path(__file__).parents[1] / "pictures"
DRAWINGS: Mapping[str, Callable[[], str]] = {
    "APRON": kitchen.apron,
    "BACKPACK": outing.backpack,
    "BASKET": living.basket,
    "BEANIE": clothing.beanie,
    "BOARD": kitchen.board,
    "BOTTLE": outing.bottle,
    "BOWL": kitchen.bowl,
    "CANDLE": living.candle,
    "CARAFE": kitchen.carafe,
    "CHAIR": living.chair,
    "CLOCK": living.clock,
    "CUP": kitchen.cup,
    "CUSHION": living.cushion,
    "DESKLAMP": living.desk_lamp,
    "DRESS": clothing.dress,
    "DRIPPER": kitchen.dripper,
    "KETTLE": kitchen.kettle,
    "LAMP": living.lamp,
    "MUG": kitchen.mug,
    "NOTEBOOK": outing.notebook,
    "PAN": kitchen.pan,
    "PICNIC": outing.picnic,
    "PLANTER": living.planter,
    "PLATE": kitchen.plate,
    "RADIO": living.radio,
    "RAINCOAT": clothing.raincoat,
    "SCARF": clothing.scarf,
    "SHIRT": clothing.shirt,
    "SNEAKERS": clothing.sneakers,
    "SOCKS": clothing.socks,
    "STOOL": living.stool,
    "SUNHAT": clothing.sun_hat,
    "SWEATER": clothing.sweater,
    "TEAPOT": kitchen.teapot,
    "TEASET": kitchen.teaset,
    "TEE": clothing.tee,
    "THROW": living.throw,
    "TOTE": outing.tote,
    "TROUSERS": clothing.trousers,
    "UMBRELLA": outing.umbrella,
    "VASE": living.vase,
}


def drawn() -> dict[str, str]:
    """Return the SVG files of all products, one for each of their colours."""
    return {
        product.picture(colour): picture(COLOURS[colour], DRAWINGS[product.product_id]())
        for product in products()
        for colour in product.colours
    }
