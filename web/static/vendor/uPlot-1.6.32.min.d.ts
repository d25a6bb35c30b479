/** What the page uses of uPlot 1.6.32. Its own types are in the package, and say far more. */

/** One list of x, then one list of y for each series; null is a gap. */
export type Data = (number | null)[][];

export type Scale = {
  time?: boolean;
  /** 1 is linear, 3 is logarithmic. */
  distr?: 1 | 3;
  range: (plot: uPlot, min: number, max: number) => [number, number];
};

export type Axis = {
  values?: (plot: uPlot, ticks: (number | null)[]) => string[];
  size?: number;
  incrs?: number[];
  font?: string;
  labelFont?: string;
  labelSize?: number;
  gap?: number;
  stroke?: string;
  grid?: { stroke: string; width: number };
  ticks?: { stroke: string; width: number; size: number };
};

/** How the line between the points is drawn. */
export type Paths = (plot: uPlot, series: number, from: number, to: number) => object | null;

export type Series = {
  stroke?: string;
  width?: number;
  dash?: number[];
  paths?: Paths;
  points?: { show: boolean; size?: number; width?: number; fill?: string; stroke?: string };
};

export type Options = {
  width: number;
  height: number;
  scales: { x: Scale; y: Scale };
  axes: Axis[];
  series: Series[];
  cursor?: { show: boolean };
  legend?: { show: boolean };
  padding?: [number, number, number, number];
};

export default class uPlot {
  constructor(options: Options, data: Data, box: HTMLElement);
  static readonly paths: { stepped: (options: { align: -1 | 1 }) => Paths };
  readonly width: number;
  readonly height: number;
  readonly scales: Record<string, { range: Scale["range"] }>;
  setData(data: Data): void;
  destroy(): void;
}
