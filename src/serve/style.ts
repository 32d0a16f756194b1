import { css } from '../reporters/html/style.ts';

/** The reports' style sheet, and what a page that can be acted on needs beside it. */
export const pageCss = `${css}
.o-running{--c:var(--link);--c-bg:var(--info-bg)}.o-waiting{--c:var(--mute);--c-bg:var(--mute-bg)}
nav .brand{color:var(--soft);font-size:.88rem;margin:0 0 .8rem}
nav a[aria-current]{color:var(--ink);font-weight:600}
nav .mark{min-width:1.5em}
.lead{font-size:1.1rem;max-width:46rem}
.panel{background:var(--panel);border-radius:10px;padding:1.1rem 1.3rem 1.2rem;margin:1.2rem 0}
.panel>:first-child{margin-top:0}.panel>:last-child{margin-bottom:0}
main>.panel{margin-top:1.5rem}
form{margin:.8rem 0 0}
button,.button{font:inherit;font-weight:600;line-height:1.3;border:1px solid var(--link);border-radius:8px;padding:.55rem 1.15rem;background:var(--link);color:var(--bg);cursor:pointer;text-decoration:none;display:inline-block}
button:hover,.button:hover{filter:brightness(1.12)}
button.quiet{background:transparent;color:var(--bad);border-color:var(--bad)}
button[disabled]{opacity:.55;cursor:default;filter:none}
.does{margin:.1rem 0 .7rem 1.45rem}
.plan h3{margin-top:1.4rem}
.plan h4{font-weight:600;margin:.7rem 0 0}
.plan h4 code{font-weight:400;color:var(--soft)}
.plan pre{margin:.3rem 0;padding:.45rem .8rem}
.bar-top{display:flex;flex-wrap:wrap;gap:.6rem 1.4rem;align-items:center;margin:1.2rem 0 .6rem}
.bar-top p{margin:0}.bar-top form{margin:0 0 0 auto}
.figures{font-variant-numeric:tabular-nums}
progress{margin:0 0 1.4rem;display:block;width:100%;height:10px;border:0;border-radius:5px;overflow:hidden;background:var(--mute-bg);appearance:none}
progress::-webkit-progress-bar{background:var(--mute-bg)}
progress::-webkit-progress-value{background:var(--good)}progress::-moz-progress-bar{background:var(--good)}
h2.of{font-size:1rem;margin:1.15rem 0 .15rem}
.live{list-style:none;margin:0;padding:0}
.live li{display:grid;grid-template-columns:1.5rem minmax(0,1fr) auto;gap:0 .5rem;padding:.22rem .5rem;border-radius:6px;line-height:1.45}
.live .o-running{background:var(--panel)}
.live .name b{font-weight:400}.live .o-running .name b,.live .o-failed .name b{font-weight:600}
.live .o-waiting .name b{color:var(--soft)}.live .o-waiting .word{font-weight:400}
.live small{margin-left:.35rem}
.live .name code{font-size:.78em;color:var(--soft)}
.live .word{margin-left:.4rem;font-size:.9rem}
.live .time{color:var(--soft);font-size:.88rem;font-variant-numeric:tabular-nums;white-space:nowrap}
.live small{display:none}.live .o-running small,.live .o-waiting small{display:inline}
.live .line{grid-column:2/-1;color:var(--soft);font-size:.88rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;min-width:0}
.live .line:empty{display:none}
.live .o-failed .line,.live .o-error .line,.live .o-timed-out .line{white-space:normal;color:var(--ink)}
.ask{border-left:4px solid var(--info);background:var(--info-bg);border-radius:0 8px 8px 0;padding:.9rem 1.1rem;margin:1rem 0}
.ask[hidden]{display:none}
.ask p:first-child{margin-top:0}
fieldset{border:0;margin:1rem 0 0;padding:0;min-width:0}
legend{font-weight:600;padding:0;margin-bottom:.3rem}
.choice{display:flex;gap:.55rem;align-items:baseline;padding:.28rem 0}
.choice input{flex:0 0 auto;width:1.1em;height:1.1em;margin:0;transform:translateY(.15em);accent-color:var(--link)}
.choice label{min-width:0}.sure{margin-top:1rem}
.field{margin:1rem 0 0;max-width:38rem}
.field label{display:block;font-weight:600;margin-bottom:.2rem}
.field input,.field textarea{font:inherit;width:100%;padding:.5rem .65rem;border:1px solid var(--soft);border-radius:8px;background:var(--bg);color:var(--ink)}
.field textarea{min-height:5.5rem;resize:vertical}
.actions{margin-top:1.2rem;display:flex;flex-wrap:wrap;gap:.7rem 1.2rem;align-items:center}
.big{margin:1.2rem 0 1.8rem}
.big img{display:block;max-width:100%;height:auto;border:1px solid var(--line);border-radius:8px;background:var(--panel)}
.big figcaption{margin-top:.4rem}
.big figcaption b{color:var(--ink)}
.shown{max-height:26rem;overflow:auto}
.problem{border-left:4px solid var(--bad);background:var(--bad-bg);border-radius:0 8px 8px 0;padding:.8rem 1.1rem;margin:1rem 0}
.problem p:first-child{margin-top:0}
.lines{list-style:none;margin:.3rem 0 1rem;padding:0}
.lines li{padding:.3rem 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
.lines .todo{display:block;color:var(--soft)}
@media (max-width:40rem){.bar-top form{margin-left:0}.does{margin-left:0}.live .line{white-space:normal}button,.button{width:100%;text-align:center}}
`;
