"""What is carried out of the house."""

from infra.local.shop.drawings.easel import box, fold, line, lying, moved, oval, seam, shadow, shape, shine
from infra.local.shop.drawings.living import basket, throw


def tote() -> str:
    """Draw a bag for the market."""
    path = "M136 220 L464 220 L486 516 Q300 538 114 516Z"
    return (
        shadow(300, 524, 195)
        + line("M212 226 C206 40 394 40 388 226", "@deep", 19)
        + oval(228, 216, 44, 40, "#d98b2b")
        + oval(300, 208, 46, 42, "#e39a35")
        + oval(372, 216, 44, 38, "#cf7f24")
        + shape("M330 178 q30 -30 52 -10 q-20 24 -52 10Z", "#6f8a55")
        + shape(path, "url(#cloth)")
        + line("M136 238 L464 238", "@deep", 3, opacity=0.4)
        + seam("M140 246 L460 246 M196 222 L196 300 L228 300 L228 222 M372 222 L372 300 L404 300 L404 222")
        + line("M212 222 L212 296 M388 222 L388 296", "@deep", 17, opacity=0.5)
        + oval(300, 392, 62, 62, "none", stroke="@deep", stroke_width=5, opacity=0.7)
        + line("M300 350 C276 372 276 412 300 434 C324 412 324 372 300 350Z M300 350 L300 434", "@deep", 4, opacity=0.7)
        + fold("M170 290 C180 380 158 450 166 516")
        + fold("M436 290 C424 380 444 450 434 514")
    )


def backpack() -> str:
    """Draw a backpack with a rolled top."""
    return (
        shadow(300, 524, 165)
        + line("M168 250 C110 300 112 430 156 490", "@deep", 24)
        + line("M432 250 C490 300 488 430 444 490", "@deep", 24)
        + line("M270 96 C270 52 330 52 330 96", "@deep", 13)
        + shape("M164 170 Q300 150 436 170 L450 486 Q448 522 410 522 L190 522 Q152 522 150 486Z")
        + box(150, 92, 300, 92, 40)
        + line("M156 148 C240 162 360 162 444 148", "@deep", 4, opacity=0.4)
        + box(206, 96, 24, 196, 5, "#7d5233")
        + box(370, 96, 24, 196, 5, "#7d5233")
        + box(200, 254, 36, 30, 5, "none", stroke="#cdb46f", stroke_width=6)
        + box(364, 254, 36, 30, 5, "none", stroke="#cdb46f", stroke_width=6)
        + shape("M184 336 L416 336 L424 488 Q422 504 404 504 L196 504 Q178 504 176 488Z", "@deep", opacity=0.22)
        + seam("M184 336 L416 336 L424 488 Q422 504 404 504 L196 504 Q178 504 176 488Z")
        + line("M186 344 L414 344", "@pale", 5, opacity=0.6)
        + box(272, 396, 56, 40, 4, "#7d5233")
        + fold("M180 200 C196 250 178 290 182 326", 6)
        + shine("M176 130 C220 112 300 108 370 114", 10, 0.4)
    )


def bottle() -> str:
    """Draw a steel bottle."""
    return (
        shadow(300, 536, 88)
        + line("M262 92 C262 44 338 44 338 92", "#3c3b3a", 13)
        + box(250, 88, 100, 62, 12, "#454443")
        + box(250, 88, 34, 62, 12, "#6a6968", opacity=0.7)
        + box(256, 146, 88, 18, 4, "url(#steel)")
        + shape(
            "M258 160 L342 160 C346 196 384 210 384 262 L384 500 Q384 536 350 536 L250 536 Q216 536 216 500 L216 262 C216 210 254 196 258 160Z"
        )
        + shape("M216 496 L384 496 L384 504 Q384 536 350 536 L250 536 Q216 536 216 504Z", "url(#steel)")
        + line("M217 494 L383 494", "@deep", 3, opacity=0.5)
        + line("M300 330 C286 344 286 366 300 380 C314 366 314 344 300 330Z M300 330 L300 392", "@pale", 4, opacity=0.9)
        + shine("M242 270 L242 470", 14, 0.6)
        + line("M366 280 L366 480", "#fff", 4, opacity=0.3)
    )


def umbrella() -> str:
    """Draw an open umbrella."""
    top = "M300 96 C150 100 62 220 50 330 C80 296 120 296 146 326 C176 290 222 290 248 326 C270 300 330 300 352 326 C378 290 424 290 454 326 C480 296 520 296 550 330 C538 220 450 100 300 96Z"
    return (
        shadow(300, 548, 60, 10)
        + line("M300 300 L300 486", "#8a5a34", 13)
        + line("M300 478 C300 548 226 548 226 490", "#8a5a34", 19)
        + shape(top)
        + shape(
            "M300 96 C230 130 170 230 146 326 C176 290 222 290 248 326 C256 240 276 150 300 96Z", "@deep", opacity=0.22
        )
        + shape(
            "M300 96 C370 130 430 230 454 326 C480 296 520 296 550 330 C538 220 450 100 300 96Z", "@deep", opacity=0.3
        )
        + line(
            "M300 98 C232 140 172 230 146 326 M300 98 C278 150 256 240 248 326 M300 98 C322 150 344 240 352 326 M300 98 C368 140 428 230 454 326",
            "@deep",
            3,
            opacity=0.5,
        )
        + line("M300 96 L300 66", "#8a5a34", 10)
        + shine("M110 234 C140 180 190 136 244 120", 13, 0.45)
    )


def notebook() -> str:
    """Draw a notebook from above."""
    path = "M150 92 L436 92 Q452 92 452 108 L452 510 Q452 526 436 526 L150 526Z"
    return (
        lying(path)
        + box(158, 100, 300, 430, 12, "#f6f1e4")
        + line("M456 112 L456 522 M452 118 L452 520", "#cfc5b1", 2)
        + shape(path, "url(#cloth)")
        + shape("M150 92 L184 92 L184 526 L150 526Z", "@deep", opacity=0.32)
        + line("M186 94 L186 524", "@pale", 3, opacity=0.5)
        + box(248, 190, 140, 90, 4, "#f6f1e4")
        + line("M272 222 L364 222", "#6a5d4e", 4)
        + line("M290 248 L346 248", "#a3968a", 3)
        + line("M414 92 L414 526", "@deep", 11)
        + line("M411 92 L411 526", "@self", 4, opacity=0.6)
        + line("M236 526 L236 566 L246 556 L256 566 L256 526", "#c0553a", 8)
    )


def picnic() -> str:
    """Draw what the picnic has: a basket, a throw, a bottle."""
    return (
        moved(bottle().replace("url(#round)", "#5b8463"), 318, 148, 0.6)
        + moved(basket(), -30, 62, 0.8)
        + moved(throw(), 186, 268, 0.5)
    )
