<?php
// What Standby says of a product, for a page that PHP writes, and the form that works without scripts.
// standby('shirt', 'en', [['sku' => 'SHIRT-M', 'title' => 'M']]) is a piece of HTML; the last are the variants that one
// can wait for. It comes within about half a second, whatever becomes of the API.
declare(strict_types=1);

define('STANDBY_API', getenv('STANDBY_API') ?: 'https://care.shop.example');
define('STANDBY_PATIENCE_SECONDS', (float) (getenv('STANDBY_PATIENCE_MILLISECONDS') ?: 500) / 1000);
const STANDBY_MOST_BYTES = 1_000_000;
const STANDBY_WORDING = '2026-11'; // the version of the words of 'consent', which is stored with the sign-up
const STANDBY_WORDS = [
    'en' => [
        'unknown' => 'We cannot say right now what is in stock.',
        'which' => 'E-mail me when this is back',
        'email' => 'Your e-mail address',
        'consent' => 'We send you one e-mail when you can buy it again. Each has a link to stop.',
        'button' => 'E-mail me',
    ],
    'he' => [
        'unknown' => 'כרגע אין לנו מידע מה יש במלאי.',
        'which' => 'עדכנו אותי כשיחזור',
        'email' => 'כתובת הדוא״ל שלכם',
        'consent' => 'נשלח אליכם מייל אחד כשאפשר יהיה שוב לקנות. בכל מייל יש קישור להפסקה.',
        'button' => 'עדכנו אותי',
    ],
];

function standby_words(string $locale): array
{
    return STANDBY_WORDS[strtolower(preg_split('/[-_]/', $locale)[0])] ?? STANDBY_WORDS['en'];
}

function standby_escaped(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE | ENT_HTML5, 'UTF-8');
}

/** Ask for the sizes and colours as HTML, which is escaped already; '' where no answer comes in time. */
function standby_availability(string $product, string $locale): string
{
    $query = http_build_query(['product_id' => $product, 'format' => 'html', 'locale' => $locale]);
    $until = microtime(true) + STANDBY_PATIENCE_SECONDS;
    $how = stream_context_create(['http' => ['timeout' => STANDBY_PATIENCE_SECONDS, 'follow_location' => 0]]);
    $answer = @fopen(STANDBY_API . "/v1/products/availability?$query", 'r', false, $how);
    if ($answer === false) {
        return ''; // down, too slow, or not 200
    }
    $said = '';
    while (!feof($answer)) {
        $part = fread($answer, 8192);
        $said .= $part;
        if ($part === false || microtime(true) > $until || strlen($said) > STANDBY_MOST_BYTES) {
            return '';
        }
    }
    return $said;
}

/** Write the form; its answer leads to a page of the API that says what happens next. */
function standby_wait_form(array $variants, string $locale): string
{
    $words = standby_words($locale);
    $choices = '';
    foreach ($variants as $variant) {
        $sku = standby_escaped($variant['sku']);
        $choices .= count($variants) === 1
            ? "<input type=\"hidden\" name=\"sku\" value=\"$sku\">"
            : "<label><input type=\"checkbox\" name=\"sku\" value=\"$sku\"> <bdi>" . standby_escaped($variant['title']) . '</bdi></label>';
    }
    $action = standby_escaped(STANDBY_API . '/v1/waitlist');
    $language = standby_escaped($locale);
    $wording = STANDBY_WORDING;
    return <<<HTML
        <form method="post" action="$action" accept-charset="utf-8">
        <fieldset><legend>{$words['which']}</legend>$choices</fieldset>
        <label>{$words['email']} <input type="email" name="email" required autocomplete="email"></label>
        <input type="hidden" name="locale" value="$language"><input type="hidden" name="wording" value="$wording">
        <p>{$words['consent']}</p><button>{$words['button']}</button>
        </form>
        HTML;
}

function standby(string $product, string $locale, array $variants): string
{
    $said = standby_availability($product, $locale);
    $shown = $said !== '' ? $said : '<p>' . standby_words($locale)['unknown'] . '</p>';
    return $variants === [] ? $shown : $shown . "\n" . standby_wait_form($variants, $locale);
}
