import type { ReactNode } from 'react';
import { Tabs as AriaTabs, Tab, TabList, TabPanel } from 'react-aria-components';

export interface TabItem {
  readonly id: string;
  readonly title: string;
  readonly content: ReactNode;
}

export interface TabSetProps {
  readonly label: string;
  readonly items: readonly TabItem[];
  readonly selected: string;
  readonly onChange: (id: string) => void;
}

export const TabSet = ({ label, items, selected, onChange }: TabSetProps) => (
  <AriaTabs className="kit-tabs" selectedKey={selected} onSelectionChange={(key) => onChange(String(key))}>
    <TabList className="kit-tab-list" aria-label={label}>
      {items.map((item) => (
        <Tab key={item.id} id={item.id} className="kit-tab">
          {item.title}
        </Tab>
      ))}
    </TabList>
    {items.map((item) => (
      <TabPanel key={item.id} id={item.id} className="kit-tab-panel">
        {item.content}
      </TabPanel>
    ))}
  </AriaTabs>
);
