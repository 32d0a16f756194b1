/**
 * The pages of the Grafana double, in the shapes that Grafana's pages have by version; 9.3.2 after a recording of the real one. From
 * 11.3 on, a panel's frame, its marks of loading and error, and rows are the DOM that Grafana's own components draw (published/).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from './layout.ts';

export interface PageOptions {
  uid: string;
  title: string;
  places: Place[];
  shape: Shape;
  theme: string;
  /** How many scripts it loads first. */
  scripts: number;
  script: string;
}

export interface Shape {
  /** From 11.3: scenes, drawn by the components of this version. Before: the legacy engine. */
  scenes?: PublishedVersion;
  /** How a panel says that it has an error. */
  error: 'header' | 'label' | 'test id';
  /** From 10.4: where there is nothing, a test id says so. */
  noDataId: boolean;
  /** From 10.2.3: fields of forms by test ids. */
  formIds: boolean;
}

export const publishedVersions = ['11.5.0', '13.2.3'] as const;
type PublishedVersion = (typeof publishedVersions)[number];
/** What Grafana's own components draw of a panel in each state (scripts/grafana-panels.ts). */
export const published = (version: PublishedVersion): string =>
  readFileSync(join(import.meta.dirname, 'published', `${version}.html`), 'utf8');

export function shapeOf(version: string): Shape {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const from = (a: number, b: number): boolean => major > a || (major === a && minor >= b);
  return {
    ...(from(11, 3) && { scenes: from(12, 0) ? '13.2.3' : '11.5.0' }),
    error: from(10, 2) ? 'test id' : from(9, 5) ? 'label' : 'header',
    noDataId: from(10, 4),
    formIds: from(10, 3),
  };
}

const escape = (text: string): string => text.replace(/[&<>"]/g, (char) => `&#${char.codePointAt(0)};`);

function placeHtml(place: Place, scenes: boolean): string {
  const at = `left:${(place.x / 24) * 100}%;top:${place.y * 38 + 40}px;width:calc(${(place.w / 24) * 100}% - 8px);height:${place.h * 38 - 8}px`;
  const source = place.panel.id ?? place.id;
  const copy = place.copy > 0 ? `-clone-${place.copy}` : '';
  const key = scenes ? `data-key="panel-${source}${copy}"` : `data-panelid="${place.id}"`;
  const closed = place.panel.collapsed === true ? ' dashboard-row--collapsed' : '';
  if (place.row)
    return `<div class="react-grid-item" ${scenes ? '' : key} data-row="${place.id}" data-title="${escape(place.title)}" style="${at}"><div class="dashboard-row${closed}"><button class="dashboard-row__title pointer">${escape(place.title)}</button></div></div>`;
  const frame = scenes
    ? ''
    : `<section class="panel-container" aria-label="${escape(place.panel.title ?? '')} panel"><header class="panel-title-container" data-testid="data-testid Panel header ${escape(place.title)}"><h2>${escape(place.title)}</h2></header></section>`;
  const html = `<div class="react-grid-item panel" ${key} data-place="${place.id}" data-title="${escape(place.title)}" style="${at}">${frame}</div>`;
  return place.closedIn === undefined ? html : `<template data-closed="${place.closedIn}">${html}</template>`;
}

export function dashboardPage(page: PageOptions): string {
  const dark = page.theme === 'dark';
  return `<!doctype html><html><head><meta charset="utf-8"><title>${escape(page.title)} - Grafana double</title><style>
body{margin:0;font:14px sans-serif;background:${dark ? '#111217' : '#f4f5f5'};color:${dark ? '#ccc' : '#222'}}
.scroller{position:absolute;inset:0;overflow:auto}
.react-grid-item{position:absolute;box-sizing:border-box}
.panel{border:1px solid #8884;background:${dark ? '#181b1f' : '#fff'}}
.panel h2{font-size:14px;margin:6px} .panel-content{padding:8px} canvas,svg{width:100%;height:100px;display:block}
.panel-info-corner{position:absolute;left:0;top:0;background:#e02f44;border:0;width:16px;height:16px}
@keyframes spin{to{transform:rotate(360deg)}} .spin{display:inline-block;animation:spin 1s infinite}
</style></head><body><div class="scroller"><b>TEST DOUBLE of Grafana</b> <i class="spin">o</i> <span id="clock"></span>
${page.places.map((place) => placeHtml(place, page.shape.scenes !== undefined)).join('\n')}</div>
${page.shape.scenes ? `<template id="published">${published(page.shape.scenes)}</template>` : ''}
${Array.from({ length: page.scripts }, (_, n) => `<script src="/public/build/${n}.js"></script>`).join('')}
<script>const shape=${JSON.stringify(page.shape)},uid=${JSON.stringify(page.uid)};
${page.script}
document.getElementById('clock').textContent=new Date().toISOString();
history.replaceState(null,'',location.pathname.replace(/\\/$/,'')+'/slug-of-the-title'+location.search);
if(shape.scenes){globalThis.__grafanaSceneContext={};}
const count=(n)=>{globalThis.__grafanaRunningQueryCount=(globalThis.__grafanaRunningQueryCount??0)+n;};
const made=(tag,className,text)=>{const node=document.createElement(tag);node.className=className;if(text!==undefined)node.textContent=text;return node;};
function draw(canvas,lines){
  canvas.width=400;canvas.height=100;const pen=canvas.getContext('2d');
  pen.strokeStyle=pen.fillStyle='rgb(120,120,128)';pen.fillText('0',2,96);pen.strokeRect(20,4,370,88);
  const max=Math.max(...lines.flat().map((p)=>p??0),1e-9);
  lines.forEach((line,n)=>{pen.strokeStyle=['#73BF69','#F2CC0C','#5794F2','#FF9830'][n%4];pen.lineWidth=2;pen.beginPath();
    line.forEach((p,i)=>{if(p!==null)pen.lineTo(20+370*i/Math.max(1,line.length-1),92-86*p/max);});
    if(line.length===1)pen.lineTo(390,92-86*(line[0]??0)/max);pen.stroke();});
}
// A panel as Grafana's components draw it in one state: by its number in published/panels.js.
function frame(node,state){
  const one=document.getElementById('published').content.querySelector('[data-viz-panel-key="panel-'+state+'"]').cloneNode(true);
  one.dataset.vizPanelKey=node.dataset.key;
  const section=one.querySelector('section'),content=one.querySelector('[class$=panel-content]');
  section.dataset.testid='data-testid Panel header '+node.dataset.title;
  section.style.width=section.style.height='100%';
  for(const title of one.querySelectorAll('h2,h6')){title.textContent=node.dataset.title;title.title=node.dataset.title;}
  if(state!==crash)content.replaceChildren();
  node.replaceChildren(one);
  return content;
}
const [drawn,loading,refused,noPlugin,crash]=[1,2,3,4,5];
function fill(node,shown){
  if(shape.scenes){
    if(shown.content==='alert')return void frame(node,noPlugin);
    if(shown.error!==undefined&&shown.content===undefined)return void frame(node,crash);
    const content=frame(node,shown.error===undefined?drawn:refused);
    if(shown.content!==undefined)content.append(inside(shown));
    return;
  }
  const section=node.querySelector('section');
  if(shown.error!==undefined){
    if(shape.error==='header'){const mark=made('button','panel-info-corner panel-info-corner--error');mark.setAttribute('aria-label','Panel header error');section.prepend(mark);}
    else{const mark=made('div','','!');mark.setAttribute('title',shown.error);
      if(shape.error==='label')mark.setAttribute('aria-label','Panel status');else mark.dataset.testid='data-testid Panel status error';section.prepend(mark);}
  }
  if(shown.content===undefined)return;
  const content=made('div','panel-content');
  content.append(inside(shown));section.append(content);
}
function inside(shown){
  const inner=made('div','css-jv7tdc');
  if(shown.content==='words'){const said=made('div','css-18o2w4z',shown.text);if(shape.noDataId)said.dataset.testid='data-testid Panel data error message';inner.append(said);}
  else if(shown.content==='empty'){inner.className='panel-empty';inner.append(made('p','',shown.text));}
  else if(shown.content==='alert'){inner.setAttribute('role','alert');inner.dataset.testid='data-testid Alert error';inner.textContent=shown.text;}
  else if(shown.content==='text')inner.append(made('span','',shown.text));
  else if(shown.content==='svg')inner.innerHTML='<svg viewBox="0 0 10 10"><circle cx="5" cy="5" r="4" fill="#73BF69"/></svg>';
  else if(shown.content==='table'){
    if(shown.header.length>0){const head=made('div','thead');head.setAttribute('role','row');head.setAttribute('aria-label','table header');for(const name of shown.header)head.append(made('button','',name));inner.append(head);}
    if(shown.rows.length===0)inner.append(made('div','css-18nan53','No data'));
    for(const row of shown.rows)inner.append(made('div','',row.join('  ')));
  }else if(shown.content!=='nothing'){
    const plot=made('div','uplot');plot.dataset.testid='uplot-main-div';const canvas=document.createElement('canvas');plot.append(canvas);inner.append(plot);
    draw(canvas,shown.content==='axes'?[]:shown.lines);
    for(const name of shown.legend??[]){const item=made('div','',name);item.setAttribute('aria-label','VizLegend series '+name);inner.append(item);}
  }
  return inner;
}
async function load(node){
  const bar=made('div','panel-loading');if(shape.error!=='header')bar.setAttribute('aria-label','Panel loading bar');
  if(shape.scenes)frame(node,loading);else node.append(bar);
  count(1);
  try{fill(node,await (await fetch('/double/panel/'+uid+'/'+node.dataset.place+location.search+'&clock='+Date.now())).json());}
  finally{bar.remove();count(-1);}
}
// Below 769 px all panels are in one column.
if(innerWidth<769){let top=40;for(const one of document.querySelectorAll('.react-grid-item')){Object.assign(one.style,{left:'0',width:'calc(100% - 8px)',top:top+'px'});top+=one.offsetHeight+8;}}
const watch=new IntersectionObserver((seen)=>{for(const one of seen)if(one.isIntersecting){watch.unobserve(one.target);load(one.target);}});
for(const node of document.querySelectorAll('.panel'))watch.observe(node);
for(const row of document.querySelectorAll('[data-row]')){
  if(shape.scenes){
    const toggle=document.getElementById('published').content.querySelector('[data-testid^="data-testid dashboard-row-title"]').cloneNode(true);
    const closed=row.querySelector('.dashboard-row--collapsed')!==null;
    toggle.dataset.testid='data-testid dashboard-row-title-'+row.dataset.title;
    toggle.ariaLabel=toggle.ariaLabel.replace('Closed',row.dataset.title).replace('Expand',closed?'Expand':'Collapse');
    toggle.querySelector('[role=heading]').textContent=row.dataset.title;
    row.replaceChildren(toggle);
  }
  row.querySelector('button').addEventListener('click',()=>{
    row.firstElementChild.classList.remove('dashboard-row--collapsed');
    for(const one of document.querySelectorAll('template[data-closed="'+row.dataset.row+'"]')){const node=one.content.firstElementChild;one.replaceWith(node);watch.observe(node);}
  });
}
</script></body></html>`;
}

export const loginPage = (formIds: boolean): string =>
  `<!doctype html><title>Grafana double</title><h1>Welcome to the double</h1><form><input name="user" ${formIds ? 'data-testid="data-testid Username input field"' : 'aria-label="Username input field"'}><input name="password" type="password"></form>`;

export const changePasswordPage = (): string =>
  `<!doctype html><title>Grafana double</title><h1>Update your password</h1><form><input name="newPassword" type="password" data-testid="data-testid New password input field"></form>`;
