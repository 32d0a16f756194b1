/** The pages of the Grafana double, in the shapes that Grafana's pages have by version. */

export interface PagePanel {
  id: number;
  title: string;
  x: number;
  y: number;
  w: number;
  h: number;
  text?: string;
}

export interface PageOptions {
  uid: string;
  title: string;
  panels: PagePanel[];
  /** From 11.3: scenes. Before: the legacy engine. */
  scenes: boolean;
  /** 10.2 and newer have test ids where older ones have labels. */
  testIds: boolean;
  theme: string;
  script: string;
}

const escape = (text: string): string => text.replace(/[&<>"]/g, (char) => `&#${char.codePointAt(0)};`);

export function dashboardPage(page: PageOptions): string {
  const panels = page.panels.map((panel) => {
    const place = `left:${(panel.x / 24) * 100}%;top:${panel.y * 38 + 40}px;width:calc(${(panel.w / 24) * 100}% - 8px);height:${panel.h * 38 - 8}px`;
    const key = page.scenes ? `data-viz-panel-key="panel-${panel.id}"` : `data-panelid="${panel.id}"`;
    const header = `data-testid="data-testid Panel header ${escape(panel.title)}"`;
    return `<div class="panel" ${key} style="${place}"><section ${header}><h2>${escape(panel.title)}</h2><div class="css-0-panel-content">${panel.text === undefined ? '' : `<p>${escape(panel.text)}</p>`}</div></section></div>`;
  });
  const dark = page.theme === 'dark';
  return `<!doctype html><html><head><meta charset="utf-8"><title>${escape(page.title)} - Grafana double</title><style>
body{margin:0;font:14px sans-serif;background:${dark ? '#111217' : '#f4f5f5'};color:${dark ? '#ccc' : '#222'}}
.scroller{position:absolute;inset:0;overflow:auto}
.panel{position:absolute;box-sizing:border-box;border:1px solid #8884;background:${dark ? '#181b1f' : '#fff'}}
.panel h2{font-size:14px;margin:6px} .css-0-panel-content{padding:8px} svg{width:100%;height:100px}
@keyframes spin{to{transform:rotate(360deg)}} .spin{display:inline-block;animation:spin 1s infinite}
</style></head><body><div class="scroller"><b>TEST DOUBLE of Grafana</b> <i class="spin">o</i> <span id="clock"></span>
${panels.join('\n')}</div>
<script>const scenes=${String(page.scenes)},testIds=${String(page.testIds)},uid=${JSON.stringify(page.uid)};
${page.script}
document.getElementById('clock').textContent=new Date().toISOString();
if(scenes){globalThis.__grafanaSceneContext={};}
const count=(n)=>{globalThis.__grafanaRunningQueryCount=(globalThis.__grafanaRunningQueryCount??0)+n;};
async function load(node){
  const id=node.dataset.panelid??node.dataset.vizPanelKey.replace('panel-','');
  const content=node.querySelector('.css-0-panel-content');
  if(content.childElementCount>0)return;
  const bar=document.createElement('div');bar.setAttribute('aria-label','Panel loading bar');bar.className='panel-loading';
  node.append(bar);count(1);
  try{
    const answer=await (await fetch('/double/panel/'+uid+'/'+id+location.search)).json();
    if(answer.error){
      const mark=document.createElement('div');
      if(testIds)mark.dataset.testid='data-testid Panel status error';else mark.setAttribute('aria-label','Panel status');
      mark.setAttribute('title',answer.error);mark.textContent='!';node.append(mark);content.innerHTML='<p></p>';
    }else if(answer.points.length===0){
      const none=document.createElement('div');none.textContent='No data';
      if(testIds)none.dataset.testid='data-testid Panel data error message';
      content.append(none);
    }else{
      const max=Math.max(...answer.points.map((p)=>p??0),1e-9);
      content.innerHTML='<svg viewBox="0 0 100 30" preserveAspectRatio="none"><polyline fill="none" stroke="#73BF69" points="'+answer.points.map((p,n)=>(n/Math.max(1,answer.points.length-1)*100)+','+(30-28*(p??0)/max)).join(' ')+'"/></svg>';
    }
  }finally{bar.remove();count(-1);}
}
const watch=new IntersectionObserver((seen)=>{for(const one of seen)if(one.isIntersecting){watch.unobserve(one.target);load(one.target);}});
for(const node of document.querySelectorAll('.panel'))watch.observe(node);
</script></body></html>`;
}

export const loginPage = (testIds: boolean): string =>
  `<!doctype html><title>Grafana double</title><h1>Welcome to the double</h1><form><input name="user" ${testIds ? 'data-testid="data-testid Username input field"' : 'aria-label="Username input field"'}><input name="password" type="password"></form>`;

export const changePasswordPage = (): string =>
  `<!doctype html><title>Grafana double</title><h1>Update your password</h1><form><input name="newPassword" type="password" data-testid="data-testid New password input field"></form>`;
