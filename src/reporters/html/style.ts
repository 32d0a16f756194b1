/** The one style sheet of every page; its hash is in the page's policy. System fonts, light and dark, phone and print. */
export const css = `
:root{color-scheme:light dark;--bg:#fff;--panel:#f6f7f9;--line:#d9dee4;--ink:#1c2128;--soft:#57606a;--link:#0757ba;--good:#1a6b34;--good-bg:#e8f5ec;--bad:#b3202c;--bad-bg:#fdecec;--warn:#835000;--warn-bg:#fdf3dc;--info:#3d4b9e;--info-bg:#eceefb;--mute:#59636e;--mute-bg:#eef1f4;--mark:#fff3c4;--code:#f2f4f7}
@media (prefers-color-scheme:dark){:root{--bg:#0f1318;--panel:#171c23;--line:#2f3742;--ink:#e4e8ed;--soft:#9aa5b1;--link:#7db6ff;--good:#6fd28b;--good-bg:#12291b;--bad:#ff8f8a;--bad-bg:#331719;--warn:#ecb54a;--warn-bg:#2e2410;--info:#aeb9ff;--info-bg:#1d2244;--mute:#9aa5b1;--mute-bg:#1f262e;--mark:#443713;--code:#1c222a}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",sans-serif;overflow-wrap:break-word}
code,pre,.hash{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
code{background:var(--code);border-radius:4px;padding:.08em .32em;overflow-wrap:anywhere}
pre{background:var(--code);border-radius:6px;margin:.6rem 0;padding:.7rem .9rem;white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.5}
a{color:var(--link);text-underline-offset:.15em}
a code{color:inherit}
:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}
main:focus{outline:none}
h1,h2,h3,h4,li,figcaption,.key,.meaning{overflow-wrap:anywhere}
h1{font-size:2rem;line-height:1.2;margin:.1em 0 .7em;letter-spacing:-.015em;text-wrap:balance}
h2{font-size:1.35rem;line-height:1.3;margin:0 0 .7rem;letter-spacing:-.01em}
h3{font-size:1.06rem;line-height:1.4;margin:0 0 .3rem}
h4{font-size:1rem;margin:0 0 .3rem}
p{margin:.35rem 0}
.by,small{color:var(--soft);font-size:.88rem}
.skip,.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip:focus{position:fixed;top:.5rem;left:.5rem;width:auto;height:auto;clip-path:none;background:var(--bg);padding:.5rem 1rem;z-index:2}
.page{max-width:74rem;margin:0 auto;padding:2.2rem 1.5rem 5rem}
main{min-width:0}
main>section{margin-top:3rem}
nav ul{list-style:none;margin:0 0 1.5rem;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;font-size:.92rem}
nav a{color:var(--soft);text-decoration:none}
nav a:hover{color:var(--link);text-decoration:underline}
@media (min-width:66rem){.page{display:grid;grid-template-columns:9.5rem minmax(0,1fr);gap:2.5rem}nav{position:sticky;top:2.2rem;align-self:start;padding-top:.3rem}nav ul{display:block;border-right:1px solid var(--line)}nav li{margin:.45rem 0}}
.o-passed{--c:var(--good);--c-bg:var(--good-bg)}.o-failed{--c:var(--bad);--c-bg:var(--bad-bg)}.o-error,.o-timed-out{--c:var(--warn);--c-bg:var(--warn-bg)}.o-not-reviewed,.o-waived{--c:var(--info);--c-bg:var(--info-bg)}.o-skipped{--c:var(--mute);--c-bg:var(--mute-bg)}
.v-PASSED{--c:var(--good);--c-bg:var(--good-bg)}.v-FAILED{--c:var(--bad);--c-bg:var(--bad-bg)}.v-INCONCLUSIVE{--c:var(--warn);--c-bg:var(--warn-bg)}.v-INCOMPLETE{--c:var(--info);--c-bg:var(--info-bg)}
.v-PASSED.with-waivers{--c:var(--info);--c-bg:var(--info-bg)}
.mark{color:var(--c);display:inline-block;min-width:1.25em;font-weight:700}
.word{color:var(--c);font-weight:600}
.verdict{background:var(--c-bg);border-radius:10px;padding:1.3rem 1.5rem 1.4rem;margin-top:0!important}
.verdict h2{font-size:2.5rem;line-height:1.1;color:var(--c);margin:0 0 .5rem;letter-spacing:-.02em}
.verdict .mark{min-width:1.1em}
.verdict .meaning{font-size:1.1rem;font-weight:600;text-wrap:balance}
.outcomes{display:block;width:100%;height:10px;margin:.9rem 0 .2rem;border-radius:5px}
.outcomes+p{margin-top:.8rem}
.verdict p:last-child{margin-bottom:0}
svg .o-passed,svg .o-failed,svg .o-error,svg .o-timed-out,svg .o-not-reviewed,svg .o-waived,svg .o-skipped,rect[class^=o-],path[class^=o-]{fill:var(--c)}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));gap:.8rem 1.4rem;margin:1.1rem 0}
.numbers div{min-width:0;border-top:2px solid var(--c);padding-top:.35rem}
.numbers dd b{display:block;font-size:1.25rem;line-height:1.25}
.numbers small{color:inherit;opacity:.85}
.asked{margin-top:1.2rem!important;border:1px solid var(--line);border-left:5px solid var(--c);border-radius:8px;padding:.9rem 1.2rem 1rem}
.asked h2{font-size:1.06rem;margin-bottom:.3rem}
.asked ol{margin:.2rem 0 0;padding-left:1.3rem}
.asked li{padding:.12rem 0}
.reasons{margin-top:1.6rem!important}
.reasons h2{font-size:1.06rem;margin-bottom:.4rem}
.reasons ul{list-style:none;margin:0;padding:0}
.reasons li{padding:.3rem 0 .3rem 1.6em;text-indent:-1.6em;border-top:1px solid var(--line)}
.reasons .why{color:var(--soft);font-size:.9rem}
.reasons .mark{text-indent:0;min-width:1.6em}
.notice{background:var(--warn-bg);border-radius:8px;padding:.7rem 1.1rem;margin:0 0 1rem}
dl.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.9rem 1.5rem;margin:1.8rem 0 0}
dl.facts div{min-width:0}
dt{color:var(--soft);font-size:.82rem}
dd{margin:0;overflow-wrap:anywhere}
.group{margin:0 0 1.6rem}
.group h3 a,.group h4 a{color:inherit;text-decoration:none}
.group h3 a:hover,.group h4 a:hover{text-decoration:underline}
.group h3 code,.group h4 code{font-weight:400;color:var(--soft)}
.finding{border-left:4px solid var(--c);background:var(--panel);border-radius:0 8px 8px 0;padding:.75rem 1rem .8rem;margin:.6rem 0}
.l-error{--c:var(--bad)}.l-inconclusive,.l-warning{--c:var(--warn)}.l-note{--c:var(--mute)}
.finding .message{font-weight:600;margin-top:0}
.level{color:var(--c);margin-right:.25rem}
.level::after{content:":"}
.where{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.92em;overflow-wrap:anywhere}
.finding pre{background:var(--bg);border:1px solid var(--line)}
.frame{padding:.5rem 0;white-space:pre-wrap}
.frame .ln{display:block;padding:0 .9rem 0 4.2rem;text-indent:-3.3rem}
.frame mark{background:var(--mark);color:inherit}
.frame .no{color:var(--soft);user-select:none}
.frame b{text-decoration:underline wavy var(--bad) 1px;text-underline-offset:.25em}
.todo strong{color:var(--soft)}
summary{cursor:pointer}
summary h3{display:inline}
.count{color:var(--soft)}
.item{border-top:1px solid var(--line);scroll-margin-top:1rem}
.item:last-of-type{border-bottom:1px solid var(--line)}
.item>summary{display:flex;gap:.1rem .7rem;align-items:baseline;padding:.55rem .3rem;list-style:none;border-radius:6px}
.item>summary::-webkit-details-marker{display:none}
.item>summary:hover{background:var(--panel)}
.item h3{flex:1 1 auto;min-width:0;margin:0;font-weight:600;font-size:1rem}
.item>summary>.by{flex:0 0 auto;text-align:right}
.item[open]{padding-bottom:.7rem}
.item>.by{margin:0 0 .3rem 2.1rem}
.step{margin-left:1.45rem;border-radius:6px}
details.step>summary{display:flex;gap:.1rem .6rem;align-items:baseline;padding:.28rem .5rem;border-radius:6px;list-style:none}
details.step>summary::-webkit-details-marker{display:none}
details.step>summary:hover{background:var(--panel)}
details.step[open]>summary{background:var(--panel)}
.step .name{flex:0 0 auto}
.step .said{flex:1 1 auto;min-width:0;color:var(--soft);overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.step .time{flex:0 0 auto;color:var(--soft);font-size:.88rem;font-variant-numeric:tabular-nums}
.step .body{padding:.3rem .5rem .8rem 2.35rem}
.step:target>summary{outline:2px solid var(--link)}
.proofs,.notes{margin:.4rem 0;padding-left:1.2rem}
.evidence span{margin-right:.6rem}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th,td{text-align:left;vertical-align:top;padding:.4rem 1rem .4rem 0;border-bottom:1px solid var(--line)}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--soft);font-weight:600;font-size:.85rem;vertical-align:bottom}
tbody th{font-weight:500}
.n{text-align:right;padding-right:1.6rem;font-variant-numeric:tabular-nums;white-space:nowrap}
.good{color:var(--good)}.bad{color:var(--bad)}
.scroll{overflow-x:auto;position:relative}
section.measured{margin:0 0 2rem}
details.measured{border-top:1px solid var(--line)}
details.measured>summary{padding:.5rem 0}
details.measured[open]{padding-bottom:1rem}
.measured h3{font-size:1rem}
.bar{display:block;width:100%;min-width:4rem;height:5px;margin-top:3px}
.track{fill:var(--mute-bg)}.fill{fill:var(--link)}
.axis{display:block;width:100%;height:20px;overflow:visible}
.axis rect{fill:var(--line)}
.axis text{fill:var(--soft);font-size:12px;font-weight:400}
.tracks th[scope=row]{width:30%}
.track,.gauge{display:block;width:100%;min-width:14rem;height:16px}
.gauge{height:18px;min-width:9rem}
.track .tick{fill:var(--soft)}
.ph-inactive{--f:var(--line)}.ph-pending{--f:var(--warn)}.ph-firing{--f:var(--bad)}.ph-delivered{--f:var(--link)}.ph-resolved{--f:var(--good)}
.track [class^=ph-]{fill:var(--f)}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;color:var(--soft);font-size:.85rem;margin-bottom:1rem}
.legend span::before{content:"";display:inline-block;width:.9em;height:.6em;background:var(--f);margin-right:.4em;border-radius:2px}
.lv-bar{--f:var(--link)}.lv-interval{--f:var(--ink)}.lv-base{--f:var(--soft)}.lv-allowed{--f:var(--warn)}.lv-limit{--f:var(--bad)}
.gauge [class^=lv-]{fill:var(--f)}.gauge .lv-track{fill:var(--mute-bg)}.gauge .broken{--f:var(--bad)}
.levels .drawn{width:38%}
.levels th.group{padding-top:.9rem;font-weight:600}
.matrix td{white-space:nowrap}.matrix td.bad,.matrix td.waived{white-space:normal}
.waived{color:var(--info)}
.drill{margin-top:.8rem}
.limit{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:6 4;fill:none}.key.lm{--k:var(--bad)}
.dot{fill:var(--k)}
.chart{margin:.6rem 0 1rem}
.chart svg{width:100%;height:auto;max-height:18rem}
.chart text{fill:var(--soft);font-size:11px}
.grid{stroke:var(--line);fill:none}
.line{fill:none;stroke:var(--k);stroke-width:2}
.c0{--k:var(--link)}.c1{--k:var(--warn);stroke-dasharray:7 4}.c2{--k:var(--good);stroke-dasharray:2 4}.c3{--k:var(--info);stroke-dasharray:10 3 2 3}.c4{--k:var(--mute);stroke-dasharray:12 6}.c5{--k:var(--ink);stroke-dasharray:4 2}
.key{display:inline-block;max-width:100%}
.key::before{content:"";display:inline-block;width:1.2em;height:3px;background:var(--k);margin-right:.4em;vertical-align:middle}
figcaption{font-size:.88rem;color:var(--soft)}
figcaption span{margin-right:1rem}
.timeline{table-layout:fixed;font-size:.88rem}
.timeline th,.timeline td{padding:.16rem .5rem .16rem 0;border:0;vertical-align:middle}
.timeline thead th{border-bottom:1px solid var(--line)}
.timeline th:first-child{width:13.5rem;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.timeline thead th:last-child{width:7rem}
.timeline tbody th[scope=row] a{color:inherit;text-decoration:none}
.timeline tbody th[scope=row] a:hover{text-decoration:underline}
.timeline svg{display:block;width:100%;height:14px}
.rail{stroke:var(--line);stroke-width:1;fill:none;vector-effect:non-scaling-stroke}
.timeline rect{opacity:.55}
.timeline rect.on{opacity:1}
.crit{color:var(--link);font-size:.8em;margin-right:.3em}
.timeline .n .mark{margin-left:.4em;text-align:right}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:1.1rem;align-items:start}
h3.of{margin:1.3rem 0 .7rem}
h3.of a{color:inherit;text-decoration:none}
figure{margin:0}
.shot{border:1px solid var(--line);border-radius:8px;background:var(--panel);overflow:hidden;min-width:0}
.shot>summary{display:block;list-style:none;cursor:zoom-in}
.shot[open]>summary{cursor:zoom-out}
.shot>summary::-webkit-details-marker{display:none}
.shot>summary:focus-visible{outline-offset:-3px}
.shot img{display:block;width:100%;height:auto;background:var(--panel)}
.shot:not([open])>summary img{aspect-ratio:16/9;object-fit:cover;object-position:top left;border-bottom:1px solid var(--line)}
.shot:not([open]) .in-dark{display:none}
@media screen and (prefers-color-scheme:dark){.shot:not([open]) .in-dark{display:block}.shot:not([open]) .in-light{display:none}}
.shot[open]{grid-column:1/-1}
.cap{display:flex;flex-wrap:wrap;gap:0 .8rem;padding:.5rem .8rem .6rem;font-size:.9rem}
.cap b{width:100%;overflow-wrap:anywhere}
.shot .body{padding:0 .8rem .8rem}
.panels{list-style:none;margin:.2rem 0 .8rem;padding:0;display:flex;flex-wrap:wrap;gap:.1rem 1.2rem;font-size:.9rem}
.before{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(22rem,100%),1fr));gap:.8rem;margin:.6rem 0}
.before img{border:1px solid var(--line);border-radius:4px}
.hash{overflow-wrap:anywhere}
.spark{width:160px;height:36px;display:block}
.spark polyline{fill:none;stroke:var(--link);stroke-width:2}.spark circle{fill:var(--link)}
.now{display:flex;flex-wrap:wrap;gap:.1rem 1rem;align-items:baseline;background:var(--c-bg);border-radius:8px;padding:.6rem 1rem;margin-bottom:.8rem}
.nowrap{white-space:nowrap}
.trends{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:1.1rem 1.5rem;margin:.8rem 0 1.2rem}
.trends figcaption b{color:var(--ink);overflow-wrap:anywhere}
@media screen and (max-width:40rem){.stacks thead{display:none}.stacks tr{display:block;padding:.5rem 0;border-top:1px solid var(--line)}.stacks tr>*{display:block;border:0;padding:.1rem 0;text-align:left}.stacks td:empty{display:none}.stacks td[data-of]:before{content:attr(data-of) " ";display:inline-block;min-width:6.5rem;color:var(--soft)}}
@media (max-width:40rem){.axis text:not(:nth-of-type(3n+1)){display:none}dl.facts{grid-template-columns:1fr 1fr}.chart text{font-size:22px}body{font-size:15px}.page{padding:1.2rem 1rem 3rem}h1{font-size:1.55rem}.verdict{padding:1rem}.verdict h2{font-size:1.9rem}.item>.by,.step{margin-left:0}.item>summary{flex-wrap:wrap}.item h3{flex:1 1 80%}.item>summary>.by{flex:1 1 100%;text-align:left;padding-left:2rem}details.step>summary{flex-wrap:wrap}.step .name{flex:1 1 60%}.step .said{flex:1 1 100%;padding-left:1.85rem;white-space:normal;order:3}.step .body{padding-left:1.85rem}.timeline th:first-child{width:38%}.timeline thead th:last-child{width:6.4rem}.timeline td:last-child{padding-right:0}.frame .ln{padding-left:3.4rem;text-indent:-2.9rem}}
@media print{:root{color-scheme:light}@page{margin:15mm 14mm}body{font-size:10.5pt}.page{display:block;max-width:none;padding:0}nav,.skip{display:none}main>section{margin-top:1.8rem}a{color:inherit;text-decoration:none}.finding,.verdict,figure,tr,.reasons li{break-inside:avoid}h2,h3,h4,summary{break-after:avoid;break-inside:avoid}.group>h3+.finding,.group>h4+.finding{break-before:avoid}section>h2+p,h3+p{break-after:avoid}.item::details-content,#drills .measured::details-content,#findings details::details-content,.step:not(.o-passed)::details-content{content-visibility:visible;display:block;block-size:auto}.scroll{overflow:visible}.step .said{white-space:normal}.shot{break-inside:avoid}.shot:not([open])>summary img{aspect-ratio:auto}.gallery{grid-template-columns:1fr 1fr}.item>summary,details.step>summary{padding-top:.1rem;padding-bottom:.1rem}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
`;
