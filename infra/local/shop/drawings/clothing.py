"""What is worn, most of it lying flat."""

from infra.local.shop.drawings.easel import BLACK, box, fold, line, lying, oval, seam, shadow, shape, shine

TEE = "M232 108 C260 130 340 130 368 108 L442 136 L520 236 L452 284 L424 254 L430 506 Q300 524 170 506 L176 254 L148 284 L80 236 L158 136Z"
LONG = "M236 104 C262 128 338 128 364 104 L436 132 C470 170 508 330 530 462 L470 482 C452 400 436 330 424 280 L432 512 Q300 530 168 512 L176 280 C164 330 148 400 130 482 L70 462 C92 330 130 170 164 132Z"


def shirt() -> str:
    """Draw a shirt with a collar and buttons."""
    buttons = "".join(oval(306, y, 6, 6, "#f6f1e6", stroke="@deep", stroke_width=1.5) for y in range(190, 500, 62))
    return (
        lying(LONG)
        + shape(LONG, "url(#cloth)")
        + fold("M196 240 C214 320 190 420 206 504")
        + fold("M402 250 C386 330 408 420 392 500")
        + fold("M130 250 C126 320 112 380 104 440", 5)
        + fold("M470 250 C478 320 488 380 498 440", 5)
        + seam("M176 280 C172 230 168 180 176 140 M424 280 C428 230 432 180 424 140")
        + line("M290 150 L290 516 M322 150 L322 517", "@deep", 2.5, opacity=0.45)
        + buttons
        + shape("M240 106 C262 132 338 132 360 106 L306 166Z", "@deep")
        + shape("M236 100 L306 168 L258 198 L212 122Z", "@pale")
        + shape("M364 100 L306 168 L348 198 L388 122Z", "@pale")
        + line("M236 100 L306 168 L258 198 M364 100 L306 168 L348 198", "@deep", 2.5, opacity=0.5)
        + shape("M346 226 L408 226 L408 288 L377 302 L346 288Z", "@deep", opacity=0.13)
        + seam("M346 226 L408 226 L408 288 L377 302 L346 288Z")
        + seam("M172 496 Q300 514 428 496 M76 446 L132 466 M524 446 L468 466")
    )


def tee() -> str:
    """Draw a T-shirt."""
    return (
        lying(TEE)
        + shape(TEE, "url(#cloth)")
        + shape("M232 108 C260 130 340 130 368 108 C356 170 244 170 232 108Z", "@deep")
        + line("M230 108 C244 178 356 178 370 108", "@self", 12)
        + line("M226 110 C240 188 360 188 374 110", "@deep", 2.5, opacity=0.5)
        + fold("M200 270 C216 350 196 430 208 496")
        + fold("M398 270 C384 350 404 430 390 496")
        + fold("M300 250 C292 330 310 400 300 480", 6)
        + seam("M174 492 Q300 510 426 492 M92 226 L156 272 M508 226 L444 272")
        + seam("M176 254 C182 210 176 170 162 140 M424 254 C418 210 424 170 438 140")
    )


def sweater() -> str:
    """Draw a knitted sweater."""
    ribs = "".join(line(f"M{x} 486 L{x} 520", "@deep", 3, opacity=0.4) for x in range(180, 428, 13))
    knit = "".join(
        line(f"M{x} 200 C{x - 5} 300 {x + 5} 400 {x} 478", "@deep", 3, opacity=0.16) for x in range(190, 418, 17)
    )
    return (
        lying(LONG)
        + shape(LONG, "url(#cloth)")
        + knit
        + fold("M188 250 C206 330 184 420 198 480")
        + fold("M410 250 C394 330 414 420 400 480")
        + fold("M136 240 C130 320 116 380 108 430", 6)
        + fold("M464 240 C472 320 484 380 494 430", 6)
        + seam("M176 280 C172 230 168 180 176 140 M424 280 C428 230 432 180 424 140")
        + shape("M236 104 C262 128 338 128 364 104 C356 158 244 158 236 104Z", "@deep")
        + line("M232 104 C246 172 354 172 368 104", "@self", 24)
        + line("M222 110 C240 188 360 188 378 110", "@deep", 2.5, opacity=0.5)
        + line("M170 482 Q300 500 430 482", "@deep", 3, opacity=0.4)
        + ribs
        + line("M78 434 L138 454 M522 434 L462 454", "@deep", 3, opacity=0.5)
    )


def dress() -> str:
    """Draw a wrap dress."""
    path = "M226 66 L262 60 L300 150 L338 60 L374 66 C400 90 420 130 430 170 L388 192 L372 160 C366 210 362 230 372 268 C410 350 442 450 452 536 Q300 566 148 536 C158 450 190 350 228 268 C238 230 234 210 228 160 L212 192 L170 170 C180 130 200 90 226 66Z"
    return (
        lying(path)
        + shape(path, "url(#cloth)")
        + shape("M262 60 L300 150 L338 60 L330 60 C316 74 284 74 270 60Z", "@deep")
        + shape(
            "M338 60 L374 66 C372 150 300 200 232 252 L228 268 L230 210 C270 180 316 130 338 60Z", "@pale", opacity=0.4
        )
        + line("M340 62 C316 140 280 190 230 236", "@deep", 3, opacity=0.5)
        + line("M262 62 L302 152", "@deep", 3, opacity=0.5)
        + shape("M228 238 Q300 254 372 238 L374 270 Q300 288 226 270Z", "@deep", opacity=0.5)
        + line("M232 256 C206 280 196 320 204 356", "@deep", 11)
        + line("M232 256 C222 290 230 330 226 372", "@self", 11)
        + fold("M262 286 C240 370 216 460 206 540")
        + fold("M308 290 C312 380 300 470 306 550")
        + fold("M350 286 C372 370 392 450 400 540")
        + line("M236 276 C290 370 330 460 348 552", "@deep", 3, opacity=0.45)
        + seam("M152 524 Q300 554 448 524")
    )


def trousers() -> str:
    """Draw wide trousers."""
    path = "M204 62 L396 62 C420 200 440 380 452 540 L322 546 L300 236 L278 546 L148 540 C160 380 180 200 204 62Z"
    return (
        lying(path)
        + shape(path, "url(#cloth)")
        + shape("M300 236 L322 546 L346 545 C330 430 318 330 300 236Z", "@deep", opacity=0.35)
        + box(202, 58, 196, 34, 6, "@self")
        + line("M202 92 L398 92", "@deep", 3, opacity=0.5)
        + line("M300 92 L300 236", "@deep", 3, opacity=0.5)
        + seam("M310 92 C314 150 312 180 300 204")
        + line("M208 104 C224 140 216 160 194 176 M392 104 C376 140 384 160 406 176", "@deep", 3, opacity=0.55)
        + oval(300, 75, 7, 7, "#f6f1e6", stroke="@deep", stroke_width=1.5)
        + fold("M238 150 C222 290 212 420 206 536")
        + fold("M362 150 C376 290 388 420 396 536")
        + seam("M150 522 L279 528 M450 522 L321 528")
    )


def raincoat() -> str:
    """Draw a raincoat with a hood."""
    hood = "M224 138 C204 40 396 40 376 138 C360 168 240 168 224 138Z"
    return (
        lying(LONG)
        + shape(hood, "url(#cloth)")
        + shape("M244 132 C236 72 364 72 356 132 C340 156 260 156 244 132Z", "@deep")
        + shape(LONG, "url(#cloth)")
        + shape("M232 112 C250 150 350 150 368 112 L350 168 Q300 186 250 168Z", "@self")
        + line("M232 112 C250 168 350 168 368 112", "@deep", 3, opacity=0.5)
        + box(284, 164, 34, 352, 6, "@deep", opacity=0.22)
        + "".join(oval(301, y, 8, 8, "url(#steel)") for y in range(194, 500, 70))
        + shape("M192 372 L264 366 L264 392 L194 398Z", "@deep", opacity=0.4)
        + shape("M408 372 L336 366 L336 392 L406 398Z", "@deep", opacity=0.4)
        + line("M258 160 L252 240 M342 160 L348 240", "#f5efe2", 5)
        + fold("M192 230 C206 300 190 350 200 360")
        + fold("M410 230 C396 300 412 350 402 360")
        + shine("M200 150 C190 200 192 220 194 250", 10, 0.45)
        + line("M76 440 L136 460 M524 440 L464 460", "@deep", 3, opacity=0.5)
    )


def socks() -> str:
    """Draw a pair of socks."""
    one = "M150 90 L262 90 L262 330 C262 380 300 400 348 420 C400 442 396 520 336 520 C250 520 150 470 150 380Z"
    ribs = "".join(line(f"M{x} 96 L{x} 148", "@deep", 3, opacity=0.35) for x in range(160, 260, 11))
    sock = (
        shape(one, "url(#cloth)")
        + box(146, 84, 120, 68, 10, "@pale", opacity=0.65)
        + ribs
        + shape("M150 350 C150 440 190 470 222 484 C226 420 190 380 150 350Z", "@deep", opacity=0.45)
        + shape(
            "M336 416 C396 430 408 520 336 520 C318 520 306 518 300 516 C330 490 340 450 336 416Z",
            "@deep",
            opacity=0.45,
        )
        + line("M150 196 L262 196 M150 216 L262 216", "#f7f1e6", 7, opacity=0.8)
        + fold("M236 180 C240 260 236 320 250 360")
    )
    back = f'<g transform="translate(96 -26) rotate(7 300 300)">{lying(one)}{sock}</g>'
    return back + f'<g transform="translate(0 24)">{lying(one)}{sock}</g>'


def beanie() -> str:
    """Draw a ribbed beanie."""
    crown = "M132 380 C120 200 210 110 300 110 C390 110 480 200 468 380Z"
    ribs = "".join(
        line(f"M{300 + k * 33} 384 C{300 + k * 34} 270 {300 + k * 20} 170 {300 + k * 4} 118", "@deep", 5, opacity=0.32)
        for k in range(-5, 6)
    )
    turn = "".join(line(f"M{x} 378 L{x} 470", "@deep", 5, opacity=0.3) for x in range(136, 476, 21))
    return (
        shadow(300, 484, 175)
        + shape(crown)
        + ribs
        + box(112, 366, 376, 116, 30)
        + turn
        + line("M124 372 C220 384 380 384 476 372", "@deep", 4, opacity=0.4)
        + shape("M352 404 L404 404 L404 446 L352 446Z", "#f3ece0")
        + line("M364 420 L392 420 M364 432 L384 432", "#6a5d4e", 3)
        + shine("M168 330 C170 250 206 190 250 162", 13, 0.35)
    )


def sun_hat() -> str:
    """Draw a straw hat."""
    weave = "".join(
        oval(300, 402, 236 - 17 * n, 74 - 6 * n, "none", stroke="@deep", stroke_width=2.5, opacity=0.3)
        for n in range(7)
    )
    crown = "".join(
        line(
            f"M{196 - 2 * n} {206 + 24 * n} Q300 {236 + 26 * n} {404 + 2 * n} {206 + 24 * n}",
            "@deep",
            2.5,
            opacity=0.28,
        )
        for n in range(6)
    )
    return (
        shadow(300, 458, 230)
        + oval(300, 402, 244, 78)
        + weave
        + oval(300, 388, 140, 36, BLACK, opacity=0.3, filter="url(#haze)")
        + shape("M176 384 C166 250 196 150 300 150 C404 150 434 250 424 384 C380 420 220 420 176 384Z")
        + crown
        + shape("M173 330 C220 366 380 366 427 330 L424 386 C380 420 220 420 176 386Z", "#37404f")
        + line("M176 346 C226 380 374 380 424 346", "#5a6579", 4, opacity=0.7)
        + shine("M206 300 C208 240 226 196 256 178", 12, 0.5)
    )


def sneakers() -> str:
    """Draw a pair of canvas shoes."""
    upper = "M96 250 C130 246 158 252 176 262 C196 286 226 300 250 296 L330 246 C352 236 372 246 384 264 C420 322 500 326 516 372 L520 404 L92 404 C84 350 86 300 96 250Z"
    shoe = (
        shape(upper, "url(#cloth)")
        + shape("M96 250 C130 246 158 252 176 262 L172 404 L92 404 C84 350 86 300 96 250Z", "@deep", opacity=0.2)
        + shape("M440 330 C480 340 510 350 516 372 L520 404 L420 404 C410 376 418 346 440 330Z", "#f4efe4")
        + shape("M82 396 L524 396 Q536 398 534 420 Q532 444 506 446 L104 446 Q80 444 80 420Z", "#f7f3ea")
        + line("M84 422 L532 422", "@deep", 4, opacity=0.6)
        + line("M84 398 L526 398", "#cfc6b6", 3)
        + "".join(
            line(f"M{268 + 30 * n} {288 - 15 * n + 12 * (n > 2) * (n - 2)} l38 34", "#fbf8f0", 9) for n in range(5)
        )
        + seam("M176 262 C180 310 176 360 172 396 M252 300 C300 340 360 366 420 372")
        + fold("M392 290 C410 320 430 336 446 344", 5)
    )
    return (
        shadow(320, 466, 225)
        + f'<g transform="translate(74 -64) scale(.88)">{shoe}</g>'
        + f'<g transform="translate(-22 22)">{shoe}</g>'
    )


def scarf() -> str:
    """Draw a scarf, folded once around."""
    tail = "M196 210 L286 250 L262 520 L150 516Z"
    other = "M330 250 L418 214 L452 470 L346 486Z"
    fringes = "".join(line(f"M{x} 514 l-3 42", "@self", 5) for x in range(156, 262, 11)) + "".join(
        line(f"M{x} {492 - (x - 350) // 6} l4 42", "@self", 5) for x in range(350, 452, 11)
    )
    ring = "M300 90 C420 84 470 150 440 214 C410 270 190 270 160 214 C130 150 180 96 300 90Z"
    return (
        lying(tail)
        + lying(other)
        + lying(ring)
        + fringes
        + shape(tail, "url(#cloth)")
        + shape(other, "url(#cloth)")
        + fold("M226 260 C220 340 208 420 196 506")
        + fold("M380 256 C388 330 398 400 404 466")
        + line("M154 480 L264 486 M352 452 L448 438", "@pale", 8, opacity=0.8)
        + shape(ring, "url(#cloth)")
        + shape("M300 132 C366 130 398 150 388 172 C370 196 230 196 212 172 C202 150 234 134 300 132Z", "@deep")
        + fold("M176 176 C190 232 300 256 424 198")
        + fold("M190 130 C230 108 340 104 408 132", 6)
        + fold("M190 206 C250 244 350 246 416 222", 5)
    )
