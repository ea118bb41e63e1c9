"""What stands in the kitchen."""

from infra.local.shop.drawings.easel import line, lying, moved, oval, seam, shadow, shape, shine


def kettle() -> str:
    """Draw a kettle for the stove."""
    return (
        shadow(300, 478, 165)
        + line("M206 268 C196 92 404 92 394 268", "#3a3633", 15)
        + line("M244 160 C268 128 332 128 356 160", "url(#wood)", 34)
        + shape("M408 352 C462 336 474 282 494 232 L532 254 C516 318 494 392 424 424Z")
        + oval(513, 243, 21, 10, "@deep", transform="rotate(30 513 243)")
        + shape(
            "M152 432 C146 306 206 234 300 234 C394 234 454 306 448 432 Q446 482 396 482 L204 482 Q154 482 152 432Z"
        )
        + shape("M228 246 C244 214 356 214 372 246 C340 262 260 262 228 246Z", "@pale")
        + shape("M228 246 C260 262 340 262 372 246 L368 254 C340 268 260 268 232 254Z", "@deep")
        + oval(300, 212, 21, 19, "url(#wood)")
        + shine("M190 420 C186 350 206 300 246 276", 15, 0.6)
        + line("M160 448 C240 466 360 466 440 448", "@deep", 3, opacity=0.4)
    )


def mug() -> str:
    """Draw a mug with a foot of raw clay."""
    return (
        shadow(292, 472, 130)
        + line("M398 268 C486 258 486 402 396 394", "@deep", 32)
        + line("M398 266 C480 258 480 398 396 391", "@self", 24)
        + shape("M188 210 L194 428 Q198 474 240 474 L350 474 Q392 474 396 428 L402 210Z")
        + shape("M195 436 Q200 474 240 474 L350 474 Q390 474 395 436 C350 454 240 454 195 436Z", "#d8c3a4")
        + shape("M195 436 C240 454 350 454 395 436 L394 446 C350 462 240 462 196 446Z", "#a98e6a", opacity=0.5)
        + oval(295, 210, 107, 25, "@pale")
        + oval(295, 213, 97, 20, "@deep")
        + shape("M206 219 C240 230 350 230 384 219 C360 240 230 240 206 219Z", "#4a2c1a", opacity=0.75)
        + shine("M218 262 L222 400", 13, 0.6)
    )


def teapot() -> str:
    """Draw a round teapot."""
    return (
        shadow(300, 476, 165)
        + line("M166 300 C64 268 66 440 182 420", "@deep", 30)
        + line("M166 298 C70 270 72 436 182 417", "@self", 22)
        + shape("M404 398 C470 388 462 296 520 262 L544 286 C514 324 522 432 416 446Z")
        + oval(532, 273, 18, 9, "@deep", transform="rotate(44 532 273)")
        + oval(300, 364, 154, 118)
        + oval(300, 262, 76, 17, "@deep")
        + shape("M226 258 C236 212 364 212 374 258 C340 274 260 274 226 258Z", "url(#round)")
        + oval(300, 210, 23, 20)
        + shine("M182 384 C178 330 204 288 240 274", 16, 0.6)
        + shape("M228 468 C260 480 340 480 372 468 L366 482 L234 482Z", "#c9b08c")
    )


def teaset() -> str:
    """Draw the teapot and two of its mugs."""
    return moved(teapot(), 78, 10, 0.82) + moved(mug(), 18, 242, 0.52) + moved(mug(), 250, 268, 0.52)


def cup() -> str:
    """Draw an espresso cup on its saucer."""
    return (
        shadow(300, 452, 190)
        + oval(300, 438, 190, 40)
        + oval(300, 432, 176, 33, "@pale")
        + oval(300, 436, 110, 17, "@deep", opacity=0.35)
        + line("M402 302 C470 300 462 386 388 380", "@deep", 24)
        + line("M402 300 C464 300 456 382 388 377", "@self", 17)
        + shape("M190 264 C194 380 226 438 300 438 C374 438 406 380 410 264Z")
        + oval(300, 264, 110, 25, "@pale")
        + oval(300, 267, 99, 20, "@deep")
        + oval(300, 272, 90, 15, "#5a3218")
        + oval(280, 270, 42, 7, "#a8713c", opacity=0.7)
        + shine("M216 296 C220 348 232 382 250 404", 12, 0.6)
        + line("M262 214 C250 190 282 178 270 150", "#fff", 9, opacity=0.5, filter="url(#haze)")
        + line("M326 216 C314 192 346 180 334 146", "#fff", 9, opacity=0.4, filter="url(#haze)")
    )


def dripper() -> str:
    """Draw a coffee dripper on a jug."""
    return (
        shadow(300, 500, 125)
        + shape("M218 330 L196 462 Q196 500 236 500 L364 500 Q404 500 404 462 L382 330Z", "url(#glass)")
        + shape(
            "M204 424 L198 462 Q198 498 236 498 L364 498 Q402 498 402 462 L396 424 C350 436 250 436 204 424Z",
            "#4d2b17",
            opacity=0.88,
        )
        + line("M404 372 C470 366 470 470 402 462", "#9fb0b0", 13, opacity=0.8)
        + oval(300, 330, 82, 13, "#fff", opacity=0.6)
        + shape("M250 292 L350 292 L344 330 Q300 340 256 330Z")
        + oval(300, 306, 118, 17, "@deep")
        + oval(300, 301, 118, 17)
        + line("M398 182 C474 176 452 274 368 262", "@self", 19)
        + shape("M176 152 L258 292 Q300 304 342 292 L424 152Z")
        + oval(300, 152, 124, 27, "@pale")
        + oval(300, 155, 113, 21, "#f7f2e8")
        + oval(300, 162, 88, 13, "#4d2b17")
        + shine("M214 190 L262 274", 12, 0.6)
        + shine("M222 356 L212 448", 9, 0.8)
    )


def carafe() -> str:
    """Draw a glass carafe with a stopper."""
    return (
        shadow(300, 508, 108)
        + shape(
            "M262 170 L262 236 C262 292 190 320 190 406 L190 470 Q190 508 230 508 L370 508 Q410 508 410 470 L410 406 C410 320 338 292 338 236 L338 170Z",
            "url(#glass)",
        )
        + shape(
            "M196 372 C240 384 360 384 404 372 Q410 390 410 406 L410 470 Q410 506 370 506 L230 506 Q190 506 190 470 L190 406 Q190 390 196 372Z",
            "#8fb9c4",
            opacity=0.35,
        )
        + oval(300, 374, 104, 12, "#fff", opacity=0.5)
        + oval(300, 170, 38, 9, "#fff", opacity=0.7)
        + shape("M268 118 L332 118 L328 178 Q300 186 272 178Z", "url(#wood)")
        + oval(300, 118, 32, 8, "#d9b386")
        + shine("M214 400 L214 478", 12, 0.9)
        + shine("M274 196 L274 246 C272 286 236 306 224 340", 7, 0.8)
        + line("M392 400 L392 470", "#fff", 4, opacity=0.5)
    )


def bowl() -> str:
    """Draw a deep bowl."""
    return (
        shadow(300, 452, 150)
        + shape("M240 430 L360 430 L368 460 L232 460Z", "@deep")
        + shape("M122 268 C130 388 206 440 300 440 C394 440 470 388 478 268Z")
        + oval(300, 268, 178, 46, "@pale")
        + oval(300, 273, 166, 39, "@deep", opacity=0.8)
        + shape("M136 282 C180 330 420 330 464 282 C440 320 380 312 300 312 C220 312 160 320 136 282Z", "@self")
        + shine("M158 324 C172 362 198 392 226 406", 14, 0.55)
    )


def plate() -> str:
    """Draw a plate from above."""
    rim = "M300 110 a190 190 0 1 0 .1 0Z"
    return (
        lying(rim)
        + oval(300, 300, 190, 190, "url(#cloth)")
        + oval(300, 300, 186, 186, "none", stroke="@pale", stroke_width=5)
        + oval(300, 300, 138, 138, "@deep", opacity=0.28)
        + oval(302, 303, 134, 134, "url(#cloth)")
        + shine("M152 250 C172 196 212 158 262 144", 10, 0.7)
        + line("M190 334 C196 374 220 402 252 416", "#fff", 8, opacity=0.35, filter="url(#haze)")
    )


def pan() -> str:
    """Draw a pan from above."""
    return (
        lying("M260 150 a150 150 0 1 0 .1 0Z M380 390 L520 520 L500 545 L360 420Z")
        + shape("M372 366 L392 392 L506 500 Q530 524 512 540 Q496 556 474 532 L364 414 L346 392Z")
        + oval(496, 520, 9, 9, "#e9e2d6")
        + shape("M118 250 L104 224 L128 212Z", "@self")
        + oval(256, 276, 156, 156)
        + oval(256, 276, 148, 148, "@deep")
        + oval(256, 280, 132, 132, "url(#cloth)")
        + shine("M152 268 C162 216 198 182 246 172", 12, 0.35)
        + oval(256, 286, 54, 46, "#fdfaf1")
        + oval(232, 316, 30, 22, "#fdfaf1")
        + oval(262, 284, 24, 23, "#eeab2e")
        + oval(256, 277, 9, 7, "#fbd27a")
    )


def board() -> str:
    """Draw a cutting board from above."""
    path = "M170 96 Q170 70 198 70 L402 70 Q430 70 430 96 L430 506 Q430 532 402 532 L198 532 Q170 532 170 506Z"
    grain = "".join(
        line(f"M{x} 84 C{x - bend} 220 {x + bend} 380 {x - bend // 2} 520", "@deep", 3, opacity=0.22)
        for x, bend in ((204, 12), (236, -9), (262, 16), (292, -12), (322, 8), (352, -14), (384, 10), (408, -7))
    )
    return (
        lying(path)
        + shape(path, "url(#cloth)")
        + grain
        + line("M176 500 Q178 526 198 526 L402 526 Q424 526 424 500", "@deep", 4, opacity=0.4)
        + oval(300, 118, 21, 21, "@deep")
        + oval(302, 121, 18, 18, "#e6ddce")
        + shine("M184 100 L184 480", 6, 0.5)
    )


def apron() -> str:
    """Draw an apron from above."""
    path = "M232 128 L368 128 C372 200 404 232 446 250 L452 516 Q300 540 148 516 L154 250 C196 232 228 200 232 128Z"
    return (
        lying(path)
        + line("M236 132 C214 30 386 30 364 132", "@deep", 13)
        + line("M160 256 C110 270 92 330 112 392", "@self", 11)
        + line("M440 256 C490 270 508 330 488 392", "@self", 11)
        + shape(path, "url(#cloth)")
        + line("M232 150 L368 150", "@deep", 2.5, opacity=0.5, stroke_dasharray="7 6")
        + shape("M214 330 L386 330 L382 440 Q300 452 218 440Z", "@deep", opacity=0.16)
        + seam("M214 330 L218 440 Q300 452 382 440 L386 330")
        + line("M214 330 L386 330", "@pale", 5, opacity=0.7)
        + line("M192 270 C200 360 186 450 196 512", "@deep", 8, opacity=0.22, filter="url(#haze)")
        + line("M414 272 C402 360 418 440 404 512", "@deep", 8, opacity=0.22, filter="url(#haze)")
    )
