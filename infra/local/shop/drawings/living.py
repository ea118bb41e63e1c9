"""What stands in a room."""

from math import cos, pi, sin

from infra.local.shop.drawings.easel import box, fold, line, lying, oval, seam, shadow, shape, shine


def lamp() -> str:
    """Draw a lamp of paper, lit."""
    ribs = "".join(
        line(f"M{300 - w} {y} Q300 {y + 16} {300 + w} {y}", "#b59a6c", 2.5, opacity=0.55)
        for y, w in ((160, 96), (196, 134), (232, 156), (268, 168), (304, 170), (340, 162), (376, 144), (412, 110))
    )
    return (
        oval(300, 290, 280, 280, "url(#glow)")
        + line("M300 0 L300 122", "#4b4540", 5)
        + shadow(300, 556, 90, 10)
        + shape("M226 132 Q300 116 374 132 C490 190 490 390 366 440 Q300 452 234 440 C110 390 110 190 226 132Z")
        + oval(292, 290, 118, 118, "#fff6da", opacity=0.85, filter="url(#soft)")
        + ribs
        + oval(300, 128, 72, 11, "#6b5c46")
        + oval(300, 442, 66, 10, "#fff3cf")
    )


def desk_lamp() -> str:
    """Draw a desk lamp with two arms, lit."""
    return (
        shape("M112 270 L330 500 L60 500Z", "#ffe7ac", opacity=0.4, filter="url(#soft)")
        + shadow(392, 498, 108)
        + oval(392, 488, 100, 22)
        + oval(392, 481, 96, 18, "@pale")
        + line("M392 478 L468 296", "#4a4a4c", 11)
        + line("M468 296 L268 168", "#4a4a4c", 11)
        + line("M404 462 L470 304", "#8b8d90", 3)
        + oval(468, 296, 16, 16, "url(#steel)")
        + oval(270, 168, 15, 15, "url(#steel)")
        + shape("M256 152 L300 188 C286 240 240 292 206 330 L96 238 C140 204 200 158 256 152Z")
        + shape("M96 238 L206 330 C190 336 100 262 96 238Z", "#fff2c8")
        + shine("M150 218 C184 192 220 174 250 168", 11, 0.55)
    )


def radio() -> str:
    """Draw a table radio."""
    holes = "".join(
        oval(148 + 19 * across, 262 + 19 * down, 5, 5, "#2c2622", opacity=0.75)
        for across in range(10)
        for down in range(9)
        if (across - 4.5) ** 2 + (down - 4) ** 2 < 21
    )
    return (
        shadow(300, 448, 220)
        + box(140, 436, 26, 16, 5, "#3a322c")
        + box(434, 436, 26, 16, 5, "#3a322c")
        + line("M430 200 L520 70", "url(#steel)", 6)
        + oval(521, 69, 7, 7, "#d8dcdd")
        + box(80, 194, 440, 246, 46)
        + box(96, 210, 408, 214, 34, "#f0e9dc")
        + holes
        + box(352, 240, 126, 58, 10, "#37312c")
        + line("M366 262 L464 262", "#f0e9dc", 2, opacity=0.8)
        + "".join(line(f"M{370 + 15 * n} 256 L{370 + 15 * n} {268 if n % 2 else 272}", "#f0e9dc", 2) for n in range(7))
        + line("M408 248 L408 288", "#e2683f", 4)
        + oval(414, 362, 40, 40, "#2f2a26", opacity=0.3, filter="url(#haze)")
        + oval(412, 358, 36, 36, "url(#steel)")
        + oval(412, 358, 28, 28, "#c9cdcf")
        + line("M412 356 L428 338", "#57534f", 5)
        + shine("M112 214 L470 204", 6, 0.4)
    )


def vase() -> str:
    """Draw a vase with three stems."""
    stems = (
        line("M296 190 C288 130 250 100 226 40", "#65754b", 5)
        + line("M302 190 C304 120 312 80 318 20", "#65754b", 5)
        + line("M306 190 C322 130 372 110 396 66", "#65754b", 5)
    )
    leaves = "".join(
        f'<ellipse cx="{x}" cy="{y}" rx="26" ry="10" fill="{paint}" transform="rotate({turn} {x} {y})"/>'
        for x, y, turn, paint in (
            (222, 44, 60, "#8ea06c"), (246, 72, 10, "#748856"), (232, 84, -70, "#8ea06c"), (262, 106, 20, "#7c9060"),
            (318, 26, 90, "#8ea06c"), (334, 56, -40, "#7c9060"), (298, 66, 40, "#8ea06c"), (328, 96, -30, "#748856"),
            (396, 70, -40, "#8ea06c"), (372, 82, 30, "#748856"), (378, 112, -10, "#8ea06c"), (346, 118, 60, "#7c9060"),
        )
    )  # fmt: skip
    return (
        shadow(300, 520, 112)
        + stems
        + leaves
        + shape(
            "M268 186 L332 186 C328 262 330 290 372 330 C424 380 420 520 350 520 L250 520 C180 520 176 380 228 330 C270 290 272 262 268 186Z"
        )
        + oval(300, 186, 32, 9, "@pale")
        + oval(300, 188, 25, 6, "@deep")
        + shine("M216 430 C214 388 228 362 252 340", 14, 0.55)
        + line("M204 466 C250 480 350 480 396 466", "@deep", 3, opacity=0.35)
    )


def candle() -> str:
    """Draw a burning candle in a glass."""
    return (
        oval(300, 250, 190, 190, "url(#glow)")
        + shadow(300, 484, 118)
        + shape("M200 330 L206 456 Q208 482 236 482 L364 482 Q392 482 394 456 L400 330Z")
        + oval(300, 330, 100, 21, "@pale")
        + oval(300, 331, 40, 9, "#fff4d0", opacity=0.9)
        + line("M300 330 L300 292", "#3b3029", 6)
        + shape("M300 300 C266 276 286 234 302 198 C320 238 334 274 300 300Z", "#f8b53f")
        + shape("M300 298 C284 284 292 258 301 238 C312 260 316 284 300 298Z", "#fff3c4")
        + shape("M188 236 L200 470 Q202 488 224 488 L376 488 Q398 488 400 470 L412 236Z", "#ffffff", opacity=0.24)
        + oval(300, 236, 112, 23, "none", stroke="#ffffff", stroke_width=5, opacity=0.85)
        + box(248, 372, 104, 66, 4, "#faf6ee", opacity=0.95)
        + line("M268 394 L332 394", "#6a5d4e", 4)
        + line("M282 414 L318 414", "#a3968a", 3)
        + shine("M210 270 L218 450", 10, 0.9)
    )


def cushion() -> str:
    """Draw a cushion."""
    path = (
        "M110 130 C200 160 400 160 490 126 C462 220 462 380 492 474 C400 442 200 442 108 476 C138 380 138 220 110 130Z"
    )
    return (
        lying(path)
        + shape(path, "url(#cloth)")
        + oval(280, 280, 130, 110, "@pale", opacity=0.5, filter="url(#soft)")
        + fold("M128 148 C190 180 214 200 226 232")
        + fold("M474 148 C420 186 400 206 388 236")
        + fold("M126 458 C180 420 204 404 218 376")
        + fold("M474 456 C424 424 402 400 392 372")
        + seam("M122 142 C204 172 396 172 478 138 M480 462 C396 430 204 430 120 464")
    )


def throw() -> str:
    """Draw a folded throw."""
    fringe = "".join(line(f"M{x} 442 l{(-3, 4, 0)[x % 3]} 40", "@self", 5) for x in range(126, 480, 12))
    bands = "".join(
        line(f"M112 {y} C240 {y + 8} 360 {y - 8} 488 {y}", "@pale", 9, opacity=0.75) for y in (340, 366, 410)
    )
    return (
        shadow(300, 482, 205, 20)
        + fringe
        + box(112, 176, 376, 272, 26, "@deep")
        + box(104, 142, 392, 136, 34, "url(#cloth)")
        + box(106, 206, 388, 112, 34, "url(#cloth)")
        + box(108, 270, 384, 176, 26, "url(#cloth)")
        + line("M112 206 C240 220 380 216 490 204", "@deep", 5, opacity=0.5)
        + line("M112 274 C240 288 380 284 490 272", "@deep", 5, opacity=0.5)
        + bands
        + fold("M160 300 C180 350 168 400 176 440")
        + shine("M136 158 C240 148 360 150 450 160", 9, 0.4)
    )


def chair() -> str:
    """Draw a lounge chair with an oak frame."""
    return (
        shadow(300, 522, 195)
        + line("M176 250 L138 520", "url(#wood)", 18)
        + line("M456 330 L484 520", "url(#wood)", 18)
        + line("M232 410 L216 516", "#8d6a44", 15)
        + line("M412 410 L420 512", "#8d6a44", 15)
        + shape("M168 96 Q172 70 202 72 L346 80 Q376 82 378 110 L398 330 L214 360 Q190 362 186 336Z")
        + fold("M206 120 C214 200 222 270 230 336")
        + seam("M190 112 L208 330 M356 100 L378 318")
        + shape(
            "M190 330 Q196 316 216 316 L452 316 Q484 318 486 350 L488 392 Q486 416 456 416 L222 416 Q196 416 192 390Z"
        )
        + shape(
            "M190 356 C280 372 400 372 487 352 L488 392 Q486 416 456 416 L222 416 Q196 416 192 390Z",
            "@deep",
            opacity=0.35,
        )
        + shine("M220 330 L430 328", 9, 0.4)
        + line("M150 300 C210 262 330 270 418 284 Q452 290 462 326", "url(#wood)", 20)
        + line("M158 294 C210 262 330 264 414 279", "#e0bd8f", 5, opacity=0.8)
    )


def stool() -> str:
    """Draw a stool with three legs."""
    return (
        shadow(300, 512, 150)
        + line("M300 250 L306 470", "@deep", 20)
        + line("M214 246 L168 508", "@self", 23)
        + line("M386 246 L436 508", "@deep", 23)
        + line("M188 410 L412 404", "@deep", 12)
        + oval(300, 232, 165, 44, "@deep")
        + oval(300, 216, 165, 44, "url(#cloth)")
        + "".join(
            oval(292, 214, 150 - 30 * n, 37 - 8 * n, "none", stroke="@deep", stroke_width=2, opacity=0.25)
            for n in range(5)
        )
        + shine("M156 208 C190 184 250 178 300 178", 7, 0.6)
    )


def clock() -> str:
    """Draw a wall clock."""
    marks = "".join(
        line(
            f"M{300 + 138 * sin(pi * n / 6):.1f} {290 - 138 * cos(pi * n / 6):.1f}"
            f" L{300 + inner * sin(pi * n / 6):.1f} {290 - inner * cos(pi * n / 6):.1f}",
            "#3d3833",
            7 if n % 3 == 0 else 4,
        )
        for n in range(12)
        for inner in (112 if n % 3 == 0 else 124,)
    )
    return (
        lying("M300 106 a186 186 0 1 0 .1 0Z")
        + oval(300, 290, 186, 186, "url(#cloth)")
        + oval(300, 290, 164, 164, "@deep", opacity=0.4)
        + oval(301, 292, 160, 160, "#fbf8f1")
        + marks
        + line("M300 290 L232 236", "#2d2926", 11)
        + line("M300 290 L382 206", "#2d2926", 7)
        + line("M300 290 L312 408", "#d2573a", 3)
        + oval(300, 290, 11, 11, "#2d2926")
        + shine("M142 250 C158 188 204 142 262 126", 9, 0.6)
    )


def planter() -> str:
    """Draw a planter with a plant."""
    leaves = "".join(
        f'<path d="M300 330 C{300 + dx * 0.2:.0f} {330 - height * 0.7:.0f} {300 + dx - 30 - dx * 0.12:.0f} {330 - height * 0.9:.0f} {300 + dx} {330 - height}'
        f' C{300 + dx + 36 - dx * 0.2:.0f} {330 - height * 0.7:.0f} {300 + dx * 0.6 + 24:.0f} {330 - height * 0.3:.0f} 300 330Z" fill="{paint}"/>'
        for dx, height, paint in (
            (-150, 150, "#4f6f47"), (150, 160, "#456340"), (-96, 226, "#638659"), (104, 232, "#587a50"),
            (-40, 272, "#73976a"), (46, 264, "#688c5f"), (0, 200, "#82a577"),
        )
    )  # fmt: skip
    return (
        shadow(300, 512, 135)
        + leaves
        + oval(300, 502, 128, 18, "@deep")
        + oval(300, 494, 128, 18)
        + shape("M188 338 L216 480 Q220 500 244 500 L356 500 Q380 500 384 480 L412 338Z")
        + box(174, 310, 252, 46, 10)
        + shape("M178 350 L422 350 L420 362 L181 362Z", "@deep", opacity=0.35)
        + shine("M208 372 L230 468", 12, 0.5)
    )


def basket() -> str:
    """Draw a woven basket."""
    rows = "".join(
        line(
            f"M{148 + 2.2 * n:.0f} {236 + 27 * n} "
            + " ".join(f"q15 {9 if (k + n) % 2 else -9} {30.4 - 0.45 * n:.1f} 0" for k in range(10)),
            "@deep" if n % 2 else "@pale",
            9,
            opacity=0.5,
        )
        for n in range(10)
    )
    return (
        shadow(300, 512, 165)
        + line("M176 240 C150 130 246 120 240 226", "@deep", 17)
        + line("M360 226 C354 120 450 130 424 240", "@deep", 17)
        + shape(
            "M142 220 C148 340 158 440 176 490 Q186 512 214 512 L386 512 Q414 512 424 490 C442 440 452 340 458 220Z"
        )
        + rows
        + oval(300, 220, 159, 32, "@deep")
        + oval(300, 224, 146, 25, "#6d5738")
        + oval(300, 218, 158, 31, "none", stroke="@self", stroke_width=11)
        + line("M178 242 C150 140 246 128 238 242", "@self", 13)
        + line("M362 242 C354 128 450 140 422 242", "@self", 13)
    )
